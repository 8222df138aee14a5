using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The update of all parameters of the lectures' network with BatchNorm.</summary>
public class SgdBenchmark : OperationBenchmark
{
    const int Parameters = 12_097;
    const float LearningRate = 0.1f;

    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("Sgd.Update", $"[{Parameters}]", bench =>
        {
            Operand<float> gradients = bench.Input(Parameters), parameters = bench.InPlace(Parameters);
            Operand<StepState> state = bench.State(LearningRate);
            return new(
                () => bench.Kernels.Sgd.Update(gradients.View, state.View, parameters.View),
                () => ReferenceOperations.Sgd(parameters.Matrix, gradients.Matrix, LearningRate));
        }),
    ];
}
