using Makemore.Gpu.Model.Measuring;

namespace Makemore.Gpu.Benchmarks.Training;

/// <summary>
/// Steps of training in the fused form, recipe batchnorm: one in a launch, and a hundred. What a launch allocates is the same.
/// </summary>
public class FusedStepBenchmark : AcceleratorBenchmark
{
    const int Steps = 100;

    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        Step(1) with { Name = "FusedStep, 1 step a launch" },
        Step(Steps) with { Name = $"FusedStep, {Steps} steps a launch" },
    ];

    static Operation Step(int steps) =>
        TrainingOperations.Step("fused", TrainingStepBenchmark.Sizes("batchnorm"), TrainingStepBenchmark.Data, steps) with
        {
            Shape = TrainingStepBenchmark.Shape,
        };
}
