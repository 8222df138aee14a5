using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The loss of a batch with its gradient, and its mean.</summary>
public class SoftmaxCrossEntropyBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("SoftmaxCrossEntropy.LossAndGradient", "[32, 27]", bench =>
        {
            Operand<float> logits = bench.Input(N, V);
            Operand<int> targets = bench.Indices(N, below: V);
            Operand<float> losses = bench.Output(N), dLogits = bench.Output(N, V);
            return new(
                () => bench.Kernels.SoftmaxCrossEntropy.LossAndGradient(logits.View, targets.View, V, losses.View, dLogits.View),
                () => ReferenceOperations.SoftmaxCrossEntropy(logits.Matrix, targets.Values));
        }),
        new("SoftmaxCrossEntropy.Mean", "[32]", bench =>
        {
            Operand<float> losses = bench.Input(N), record = bench.Output(1);
            Operand<StepState> state = bench.State();
            return new(
                () => bench.Kernels.SoftmaxCrossEntropy.Mean(losses.View, state.View, record.View),
                () => losses.Vector.Sum() / N);
        }),
    ];
}
