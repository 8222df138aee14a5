using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>
/// Batch normalization of the hidden layer. The kernel's forward pass also updates the running statistics, MathNet's does not.
/// </summary>
public class BatchNormBenchmark : OperationBenchmark
{
    static readonly BatchNormConstants Constants = new(Epsilon: 1e-5f, Momentum: 0.001f, RunningStatistic.StandardDeviation);

    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("BatchNorm.Forward", "[32, 200]", bench =>
        {
            Operand<float> x = bench.Input(N, H), gain = bench.Input(H), bias = bench.Input(H);
            Operand<float> y = bench.Output(N, H), mean = bench.Output(H), inverse = bench.Output(H);
            Operand<float> runningMean = bench.InPlace(H), runningDeviation = bench.InPlace(H);
            return new(
                () => bench.Kernels.BatchNorm.Forward(
                    x.View, gain.View, bias.View, Constants, N, H, y.View, mean.View, inverse.View,
                    runningMean.View, runningDeviation.View),
                () => ReferenceOperations.BatchNorm(x.Matrix, gain.Vector, bias.Vector, Constants));
        }),
        new("BatchNorm.ForwardFixed", "[32, 200]", bench =>
        {
            Operand<float> x = bench.Input(N, H), gain = bench.Input(H), bias = bench.Input(H);
            Operand<float> mean = bench.Input(H), deviation = bench.Input(H);
            Operand<float> y = bench.Output(N, H);
            return new(
                () => bench.Kernels.BatchNorm.ForwardFixed(
                    x.View, gain.View, bias.View, mean.View, deviation.View, Constants, N, H, y.View),
                () => ReferenceOperations.BatchNormFixed(x.Matrix, gain.Vector, bias.Vector, mean.Vector, deviation.Vector));
        }),
        new("BatchNorm.Backward", "[32, 200]", bench =>
        {
            Operand<float> x = bench.Input(N, H), mean = bench.Input(H), inverse = bench.Input(H);
            Operand<float> gain = bench.Input(H), dy = bench.Input(N, H);
            Operand<float> dx = bench.Output(N, H), dGain = bench.Output(H), dBias = bench.Output(H);
            var forward = new BatchNormResult(x.Matrix, mean.Vector, mean.Vector, inverse.Vector);
            return new(
                () => bench.Kernels.BatchNorm.Backward(
                    x.View, mean.View, inverse.View, gain.View, Constants, dy.View, N, H, dx.View, dGain.View, dBias.View),
                () => ReferenceOperations.BatchNormBackward(x.Matrix, forward, gain.Vector, Constants, dy.Matrix));
        }),
    ];
}
