using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>Normalization over the batch, and of groups of the features of an example.</summary>
/// <remarks>The floating-point operations of a value are those that <see cref="BatchNorm"/> and <see cref="GroupNorm"/> state.</remarks>
static class NormalizationOperations
{
    const float Epsilon = 1e-5f;

    static readonly BatchNormConstants Constants = new(Epsilon, Momentum: 0.001f, RunningStatistic.StandardDeviation);

    /// <summary>Normalizes by the batch's own statistics. The kernel also updates the running ones, the reference does not.</summary>
    /// <param name="n">N, the batch, at least 2.</param>
    /// <param name="h">H, the features.</param>
    public static Operation BatchForward(int n, int h) =>
        new("BatchNorm.Forward", $"[{n}, {h}]", bench =>
        {
            Operand<float> x = bench.Input(n, h), gain = bench.Input(h), bias = bench.Input(h);
            Operand<float> y = bench.Output(n, h), mean = bench.Output(h), inverse = bench.Output(h);
            Operand<float> runningMean = bench.InPlace(h), runningDeviation = bench.InPlace(h);
            return new(
                () => bench.Kernels.BatchNorm.Forward(
                    x.View, gain.View, bias.View, Constants, n, h, y.View, mean.View, inverse.View,
                    runningMean.View, runningDeviation.View),
                () => ReferenceOperations.BatchNorm(x.Matrix, gain.Vector, bias.Vector, Constants));
        })
        {
            Cost = new(8.0 * n * h, (2.0 * n * h) + (8.0 * h), "8·N·H", "2·N·H + 8·H"),
        };

    /// <summary>Normalizes by given statistics, as in evaluation.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="h">H, the features.</param>
    public static Operation BatchForwardFixed(int n, int h) =>
        new("BatchNorm.ForwardFixed", $"[{n}, {h}]", bench =>
        {
            Operand<float> x = bench.Input(n, h), gain = bench.Input(h), bias = bench.Input(h);
            Operand<float> mean = bench.Input(h), deviation = bench.Input(h);
            Operand<float> y = bench.Output(n, h);
            return new(
                () => bench.Kernels.BatchNorm.ForwardFixed(
                    x.View, gain.View, bias.View, mean.View, deviation.View, Constants, n, h, y.View),
                () => ReferenceOperations.BatchNormFixed(x.Matrix, gain.Vector, bias.Vector, mean.Vector, deviation.Vector));
        })
        {
            Cost = new(4.0 * n * h, (2.0 * n * h) + (4.0 * h), "4·N·H", "2·N·H + 4·H"),
        };

    /// <summary>The gradients of the input, the gain and the bias.</summary>
    /// <param name="n">N, the batch, at least 2.</param>
    /// <param name="h">H, the features.</param>
    public static Operation BatchBackward(int n, int h) =>
        new("BatchNorm.Backward", $"[{n}, {h}]", bench =>
        {
            Operand<float> x = bench.Input(n, h), mean = bench.Input(h), inverse = bench.Input(h);
            Operand<float> gain = bench.Input(h), dy = bench.Input(n, h);
            Operand<float> dx = bench.Output(n, h), dGain = bench.Output(h), dBias = bench.Output(h);
            return new(
                () => bench.Kernels.BatchNorm.Backward(
                    x.View, mean.View, inverse.View, gain.View, Constants, dy.View, n, h, dx.View, dGain.View, dBias.View),
                () => ReferenceOperations.BatchNormBackward(
                    x.Matrix, new BatchNormResult(x.Matrix, mean.Vector, mean.Vector, inverse.Vector), gain.Vector, Constants, dy.Matrix));
        })
        {
            Cost = new(11.0 * n * h, (3.0 * n * h) + (5.0 * h), "11·N·H", "3·N·H + 5·H"),
        };

    /// <summary>Normalizes each group of neighboring features of an example; with one group it is layer normalization.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="h">H, the features.</param>
    /// <param name="groups">G, which divides H.</param>
    public static Operation GroupForward(int n, int h, int groups) =>
        new($"GroupNorm.Forward, G = {groups}", $"[{n}, {h}]", bench =>
        {
            Operand<float> x = bench.Input(n, h), gain = bench.Input(h), bias = bench.Input(h);
            Operand<float> y = bench.Output(n, h), mean = bench.Output(n, groups), inverse = bench.Output(n, groups);
            return new(
                () => bench.Kernels.GroupNorm.Forward(
                    x.View, gain.View, bias.View, Epsilon, n, h, groups, y.View, mean.View, inverse.View),
                () => ReferenceOperations.GroupNorm(x.Matrix, gain.Vector, bias.Vector, Epsilon, groups));
        })
        {
            Cost = new(9.0 * n * h, (2.0 * n * h) + (2.0 * h) + (2.0 * n * groups), "9·N·H", "2·N·H + 2·H + 2·N·G"),
        };

    /// <summary>The gradients of the input, the gain and the bias.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="h">H, the features.</param>
    /// <param name="groups">G, which divides H.</param>
    public static Operation GroupBackward(int n, int h, int groups) =>
        new($"GroupNorm.Backward, G = {groups}", $"[{n}, {h}]", bench =>
        {
            Operand<float> x = bench.Input(n, h), mean = bench.Input(n, groups), inverse = bench.Input(n, groups);
            Operand<float> gain = bench.Input(h), dy = bench.Input(n, h);
            Operand<float> dx = bench.Output(n, h), dGain = bench.Output(h), dBias = bench.Output(h);
            return new(() => bench.Kernels.GroupNorm.Backward(
                x.View, mean.View, inverse.View, gain.View, dy.View, n, h, groups, dx.View, dGain.View, dBias.View));
        })
        {
            Cost = new(16.0 * n * h, (3.0 * n * h) + (3.0 * h) + (2.0 * n * groups), "16·N·H", "3·N·H + 3·H + 2·N·G"),
        };
}
