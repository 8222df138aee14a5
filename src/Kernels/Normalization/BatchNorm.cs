using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>Batch normalization of each feature (column) of x [N, H], by the batch's statistics or by given ones.</summary>
/// <remarks>
/// <para>Sums go over the batch; r is the reciprocal standard deviation (rstd):</para>
/// <code>
/// forward     mean = Σ x / N     variance = Σ (x - mean)² / D         r = 1 / √(variance + ε)        each [H]
///             x̂ = (x - mean)·r   y = gain·x̂ + bias                                                   each [N, H]
///             running = (1-m)·running + m·batch, of the mean and of the variance or standard deviation
/// backward    dbias = Σ dy       dgain = Σ dy·x̂                                                      each [H]
///             dx = gain·r · (dy - dbias/N - k/D·x̂·dgain)                                             [N, H]
/// evaluation  y = gain·(x - mean)·r + bias, by the running or calibrated statistics
/// </code>
/// <para>
/// D and k follow from <see cref="BatchNormConstants"/>: D is N-1, or N where the variance is the biased one; k is 1, or, where ε is added
/// to the standard deviation and r = 1 / (√variance + ε), k = 1 / (1 - ε·r). Where the standard deviation is above 2⁴⁸, r is NaN in every
/// form: not far above it the squares overflow.
/// </para>
/// <para>
/// Cost on a GPU: forward reads x twice and writes y once, 2NH reads and NH writes, about 8 floating-point operations a value; backward
/// reads x and dy twice and writes dx, 4NH reads and NH writes, about 11 operations a value; evaluation reads x and writes y, 4 operations
/// a value. On a processor forward reads x three times. Fused, backward reads x̂ and dy twice and writes dx over dy; by warp groups dy
/// stays in a register, and x̂ is read once.
/// </para>
/// <para>
/// Runs as: the operations of <see cref="CpuBatchNorm"/> on the CPU accelerator and on OpenCL devices that are processors,
/// <see cref="GpuBatchNorm{T}"/> on GPUs. The fused kernel, by threads and by warps, trains by <see cref="TileBatchNormForward"/> and
/// <see cref="TileBatchNormBackward"/> and evaluates by <see cref="TileBatchNormFixed"/> and <see cref="TileMoments"/>; by warp groups it
/// trains by <c>WarpGroupLayer</c> and evaluates as warps. The lecture's small steps are <see cref="BatchNormSteps"/>.
/// </para>
/// <para>
/// Reference: <c>ReferenceOperations.BatchNorm</c>, <c>ReferenceOperations.BatchNormFixed</c>,
/// <c>ReferenceOperations.BatchNormBackward</c>. Source: S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training
/// by reducing internal covariate shift", 2015; the closed form of dx is that of the lecture on manual backprop.
/// </para>
/// </remarks>
public sealed class BatchNorm
{
    readonly Launcher launcher;
    readonly LaneForms<IBatchNorm> gpuForms;

    /// <summary>The operation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal BatchNorm(Launcher launcher)
    {
        this.launcher = launcher;
        gpuForms = new(() => new GpuBatchNorm<Quad>(launcher), () => new GpuBatchNorm<Scalar>(launcher));
    }

    IBatchNorm CpuForm => field ??= new CpuBatchNorm(launcher);

    /// <summary>Normalizes by the batch's own statistics, as in training, and updates the running statistics.</summary>
    /// <param name="x">x [N, H], N at least 2.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="constants">The constants.</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="y">y [N, H].</param>
    /// <param name="mean">The batch's means [H], which the backward pass needs.</param>
    /// <param name="inverseDeviation">r, rstd [H], which the backward pass needs.</param>
    /// <param name="runningMean">The running mean [H], updated.</param>
    /// <param name="runningVariance">The running variance, or standard deviation, as the constants say [H], updated.</param>
    internal void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation,
        ArrayView<float> runningMean, ArrayView<float> runningVariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 2);
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(bias, features);
        ViewChecks.CheckLength(y, x.Length);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(inverseDeviation, features);
        ViewChecks.CheckLength(runningMean, features);
        ViewChecks.CheckLength(runningVariance, features);
        FormFor(features, x, gain, bias, y, mean, inverseDeviation, runningMean, runningVariance)
            .Forward(x, gain, bias, constants, batch, features, y, mean, inverseDeviation, runningMean, runningVariance);
    }

    /// <summary>Normalizes by given statistics, as in evaluation: each row by itself.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="variance">The variances or standard deviations [H], as the constants say.</param>
    /// <param name="constants">The constants.</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="y">y [N, H].</param>
    internal void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(bias, features);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(variance, features);
        ViewChecks.CheckLength(y, x.Length);
        FormFor(features, x, gain, bias, mean, variance, y).ForwardFixed(x, gain, bias, mean, variance, constants, batch, features, y);
    }

    /// <summary>The backward pass of the forward pass of training, in closed form.</summary>
    /// <param name="x">x [N, H], the input of the forward pass.</param>
    /// <param name="mean">The batch's means [H].</param>
    /// <param name="inverseDeviation">r, rstd [H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="constants">The constants of the forward pass.</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="dx">The gradient of x [N, H]; may be dy itself.</param>
    /// <param name="dGain">The gradient of the gain [H].</param>
    /// <param name="dBias">The gradient of the bias [H].</param>
    internal void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain,
        BatchNormConstants constants, ArrayView<float> dy, int batch, int features, ArrayView<float> dx, ArrayView<float> dGain,
        ArrayView<float> dBias)
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
            .Backward(x, mean, inverseDeviation, gain, constants, dy, batch, features, dx, dGain, dBias);
    }

    /// <summary>Normalizes by the batch's own statistics, as in training, and updates the running statistics.</summary>
    /// <param name="x">x [N, H], N at least 2.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="constants">The constants.</param>
    /// <param name="y">y [N, H].</param>
    /// <param name="mean">The batch's means [H], for the backward pass.</param>
    /// <param name="inverseDeviation">r, rstd [H], for the backward pass.</param>
    /// <param name="runningMean">The running means [H], updated.</param>
    /// <param name="runningVariance">The running variances or standard deviations [H], as the constants say, updated.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Forward(
        Tensor x, Tensor gain, Tensor bias, BatchNormConstants constants, Tensor y, Tensor mean, Tensor inverseDeviation,
        Tensor runningMean, Tensor runningVariance)
    {
        (int batch, int features) = CheckShapes(x, y, gain, bias, mean, inverseDeviation, runningMean, runningVariance);
        Forward(
            x.Data, gain.Data, bias.Data, constants, batch, features, y.Data, mean.Data, inverseDeviation.Data, runningMean.Data,
            runningVariance.Data);
    }

    /// <summary>Normalizes by given statistics, as in evaluation: each row by itself.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="variance">The variances or standard deviations [H], as the constants say.</param>
    /// <param name="constants">The constants.</param>
    /// <param name="y">y [N, H].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void ForwardFixed(
        Tensor x, Tensor gain, Tensor bias, Tensor mean, Tensor variance, BatchNormConstants constants, Tensor y)
    {
        (int batch, int features) = CheckShapes(x, y, gain, bias, mean, variance);
        ForwardFixed(x.Data, gain.Data, bias.Data, mean.Data, variance.Data, constants, batch, features, y.Data);
    }

    /// <summary>The backward pass of the forward pass of training, in closed form.</summary>
    /// <param name="x">x [N, H], the input of the forward pass.</param>
    /// <param name="mean">The batch's means [H].</param>
    /// <param name="inverseDeviation">r, rstd [H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="constants">The constants of the forward pass.</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    /// <param name="dx">The gradient of x [N, H]; may be dy itself.</param>
    /// <param name="dGain">The gradient of the gain [H].</param>
    /// <param name="dBias">The gradient of the bias [H].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Backward(
        Tensor x, Tensor mean, Tensor inverseDeviation, Tensor gain, BatchNormConstants constants, Tensor dy, Tensor dx, Tensor dGain,
        Tensor dBias)
    {
        (int batch, int features) = CheckShapes(x, dy, mean, inverseDeviation, gain, dGain, dBias);
        TensorChecks.CheckSame(launcher, x, dx);
        Backward(
            x.Data, mean.Data, inverseDeviation.Data, gain.Data, constants, dy.Data, batch, features, dx.Data, dGain.Data, dBias.Data);
    }

    /// <summary>
    /// The mean of each feature of a batch and the sum of squared differences from it, from which the statistics of a whole split are
    /// merged.
    /// </summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="squares">The sums of (x - mean)² [H].</param>
    internal void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares)
    {
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(mean, features);
        ViewChecks.CheckLength(squares, features);
        FormFor(features, x, mean, squares).Moments(x, batch, features, mean, squares);
    }

    /// <summary>Tells what the forward pass takes, of operands that begin at whole quads.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N, at least 2.</param>
    /// <param name="features">H.</param>
    internal void PlanForward(LaunchPlan plan, int batch, int features) => FormFor(features).PlanForward(plan, batch, features);

    /// <summary>Tells what the backward pass takes, of operands that begin at whole quads.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="batch">N, at least 2.</param>
    /// <param name="features">H.</param>
    internal void PlanBackward(LaunchPlan plan, int batch, int features) => FormFor(features).PlanBackward(plan, batch, features);

    (int Batch, int Features) CheckShapes(Tensor x, Tensor y, params ReadOnlySpan<Tensor> ofFeatures)
    {
        (int batch, int features) = TensorChecks.Matrix(launcher, x);
        TensorChecks.CheckSame(launcher, x, y);
        // Their lengths are checked, by their names, where the views are.
        foreach (Tensor tensor in ofFeatures)
        {
            TensorChecks.CheckDevice(launcher, tensor, "a tensor of the features");
        }
        return (batch, features);
    }

    IBatchNorm FormFor(int features, params ReadOnlySpan<ArrayView<float>> views) =>
        launcher.Shape.IsGpu ? gpuForms.ForColumns(features, views) : CpuForm;
}

/// <summary>The layered kernels of processors or of GPUs. <see cref="BatchNorm"/> documents the methods and checks the arguments.</summary>
interface IBatchNorm
{
    void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation,
        ArrayView<float> runningMean, ArrayView<float> runningVariance);

    void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y);

    void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain,
        BatchNormConstants constants, ArrayView<float> dy, int batch, int features, ArrayView<float> dx, ArrayView<float> dGain,
        ArrayView<float> dBias);

    void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares);

    void PlanForward(LaunchPlan plan, int batch, int features);

    void PlanBackward(LaunchPlan plan, int batch, int features);
}
