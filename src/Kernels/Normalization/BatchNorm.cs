using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>The measure of spread that is followed while training and stored with a model.</summary>
public enum RunningStatistic
{
    /// <summary>The variance, with n-1.</summary>
    Variance = 0,

    /// <summary>The standard deviation: the root of the variance with n-1.</summary>
    StandardDeviation = 1,
}

/// <summary>The constants of a batch normalization.</summary>
/// <param name="Epsilon">Added to the variance under the root; 0 gives (x - mean) / standard deviation.</param>
/// <param name="Momentum">m in running = (1-m)·running + m·batch; 0 leaves the running statistics as they are, whatever the batch.</param>
/// <param name="Running">Which measure of spread the running statistics hold.</param>
public readonly record struct BatchNormConstants(float Epsilon, float Momentum, RunningStatistic Running);

/// <summary>
/// Batch normalization of each feature (column) of x [N, H] (S. Ioffe and C. Szegedy, 2015), with the variance over n-1:
/// <code>
/// mean = Σ x / N,  variance = Σ (x - mean)² / (N-1),  r = 1 / √(variance + ε),  y = gain·(x - mean)·r + bias
/// dx = gain·r/N · (N·dy - Σ dy - N/(N-1)·x̂·Σ dy·x̂)  with x̂ = (x - mean)·r,  dgain = Σ dy·x̂,  dbias = Σ dy
/// </code>
/// Reference: <c>ReferenceOperations.BatchNorm</c>, <c>ReferenceOperations.BatchNormBackward</c>.
/// </summary>
/// <param name="launcher">Where to load and launch the kernels.</param>
public sealed class BatchNorm(Launcher launcher)
{
    readonly LaneForms<IBatchNorm> columns = new(() => new GpuBatchNorm<Quad>(launcher), () => new GpuBatchNorm<Scalar>(launcher));

    IBatchNorm Features => field ??= new CpuBatchNorm(launcher);

    /// <summary>Normalizes by the batch's own statistics, as in training, and moves the running statistics towards them.</summary>
    /// <param name="x">x [N, H], N at least 2.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="constants">ε, momentum and the running measure of spread.</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="y">y [N, H].</param>
    /// <param name="mean">The batch's means [H], which the backward pass needs.</param>
    /// <param name="inverseDeviation">r = 1/√(variance + ε) [H], which the backward pass needs.</param>
    /// <param name="runningMean">The running mean [H], updated.</param>
    /// <param name="runningSpread">The running variance or standard deviation [H], updated.</param>
    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 2);
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(bias, features);
        ViewChecks.CheckLength(y, x.Length);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(inverseDeviation, features);
        ViewChecks.CheckLength(runningMean, features);
        ViewChecks.CheckLength(runningSpread, features);
        FormFor(features, x, gain, bias, y, mean, inverseDeviation, runningMean, runningSpread)
            .Forward(x, gain, bias, constants, batch, features, y, mean, inverseDeviation, runningMean, runningSpread);
    }

    /// <summary>Normalizes by given statistics, as in evaluation: every row for itself.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="spread">The variances or standard deviations [H], as the constants say.</param>
    /// <param name="constants">ε, which is added to a variance only, and the measure of spread.</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="y">y [N, H].</param>
    public void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(bias, features);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(spread, features);
        ViewChecks.CheckLength(y, x.Length);
        FormFor(features, x, gain, bias, mean, spread, y).ForwardFixed(x, gain, bias, mean, spread, constants, batch, features, y);
    }

    /// <summary>The backward pass of <see cref="Forward"/>, in one formula.</summary>
    /// <param name="x">x [N, H], as it went forward.</param>
    /// <param name="mean">The batch's means [H].</param>
    /// <param name="inverseDeviation">r [H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="dx">The gradient of x [N, H]; may be dy itself.</param>
    /// <param name="dGain">The gradient of the gain [H].</param>
    /// <param name="dBias">The gradient of the bias [H].</param>
    public void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 2);
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(inverseDeviation, features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(dy, x.Length);
        ViewChecks.CheckLength(dx, x.Length);
        ViewChecks.CheckLength(dGain, features);
        ViewChecks.CheckLength(dBias, features);
        FormFor(features, x, mean, inverseDeviation, gain, dy, dx, dGain, dBias)
            .Backward(x, mean, inverseDeviation, gain, dy, batch, features, dx, dGain, dBias);
    }

    /// <summary>
    /// The mean and the sum of squared differences from it, of each feature of a batch: the parts from which the statistics of a whole
    /// split are merged.
    /// </summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="squares">The sums of (x - mean)² [H].</param>
    public void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares)
    {
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(squares, features);
        FormFor(features, x, mean, squares).Moments(x, batch, features, mean, squares);
    }

    IBatchNorm FormFor(int features, params ReadOnlySpan<ArrayView<float>> views) =>
        launcher.Shape.IsGpu ? columns.ForColumns(features, views) : Features;
}

/// <summary>One form of the kernels of <see cref="BatchNorm"/>, which says what the methods do and has checked their arguments.</summary>
interface IBatchNorm
{
    /// <summary><see cref="BatchNorm.Forward"/>.</summary>
    void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread);

    /// <summary><see cref="BatchNorm.ForwardFixed"/>.</summary>
    void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y);

    /// <summary><see cref="BatchNorm.Backward"/>.</summary>
    void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias);

    /// <summary><see cref="BatchNorm.Moments"/>.</summary>
    void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares);
}
