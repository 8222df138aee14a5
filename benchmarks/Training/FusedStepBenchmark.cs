using ILGPU;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Training;

/// <summary>
/// Steps of training in the fused form, recipe batchnorm: one in a launch, and a hundred. What a launch allocates is the same.
/// </summary>
public class FusedStepBenchmark : AcceleratorBenchmark
{
    const float LearningRate = 0.1f;
    const int Steps = 100;

    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("FusedStep, 1 step a launch", "batch 32, hidden 200", bench => new(Launch(bench, 1))),
        new($"FusedStep, {Steps} steps a launch", "batch 32, hidden 200", bench => new(Launch(bench, Steps))),
    ];

    static Action Launch(Bench bench, int steps)
    {
        Mlp network = TrainingStepBenchmark.Draw("batchnorm", bench);
        DeviceSplit split = bench.Own(new DeviceSplit(bench.Kernels, TrainingStepBenchmark.Data.Train));
        var strategy = Strategy.Named("fused", bench.Kernels.Accelerator.Device, network.Recipe, network.Vocabulary);
        ITrainingStep step = bench.Own(strategy.CreateStep(bench.Kernels, network, split, N));
        ArrayView<int> indices = bench.Indices(steps * N, below: split.Count).View;
        ArrayView<float> record = bench.Output(steps).View;
        return () => step.Run(indices, steps, LearningRate, record);
    }
}
