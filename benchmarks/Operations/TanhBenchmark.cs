using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The activation of the hidden layer.</summary>
public class TanhBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("Tanh.Forward", "[32, 200]", bench =>
        {
            Operand<float> x = bench.Input(N, H), y = bench.Output(N, H);
            return new(() => bench.Kernels.Tanh.Forward(x.View, y.View), () => ReferenceOperations.Activate(Activation.Tanh, x.Matrix));
        }),
        new("Tanh.Backward", "[32, 200]", bench =>
        {
            Operand<float> y = bench.Input(N, H), dy = bench.Input(N, H), dx = bench.Output(N, H);
            return new(
                () => bench.Kernels.Tanh.Backward(y.View, dy.View, dx.View),
                () => ReferenceOperations.ActivateBackward(Activation.Tanh, y.Matrix, dy.Matrix));
        }),
    ];
}
