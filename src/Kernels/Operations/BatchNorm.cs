using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Operations;

/// <summary>The measure of spread that is followed while training and stored with a model.</summary>
public enum RunningSpread
{
    /// <summary>The variance, with n-1.</summary>
    Variance = 0,

    /// <summary>The standard deviation: the root of the variance with n-1.</summary>
    StandardDeviation = 1,
}

/// <summary>The constants of a batch normalisation.</summary>
/// <param name="Epsilon">Added to the variance under the root; 0 gives (x - mean) / standard deviation.</param>
/// <param name="Momentum">m in running = (1-m)·running + m·batch; 0 leaves the running statistics as they are, whatever the batch.</param>
/// <param name="Spread">Which measure of spread the running statistics hold.</param>
public readonly record struct BatchNormConstants(float Epsilon, float Momentum, RunningSpread Spread);

/// <summary>
/// Batch normalisation of each feature (column) of x [N, H] (S. Ioffe and C. Szegedy, 2015), with the variance over n-1:
/// <code>
/// mean = Σ x / N,  variance = Σ (x - mean)² / (N-1),  r = 1 / √(variance + ε),  y = gain·(x - mean)·r + bias
/// dx = gain·r/N · (N·dy - Σ dy - N/(N-1)·x̂·Σ dy·x̂)  with x̂ = (x - mean)·r,  dgain = Σ dy·x̂,  dbias = Σ dy
/// </code>
/// Reference: <c>ReferenceOperations.BatchNorm</c>, <c>ReferenceOperations.BatchNormBackward</c>.
/// </summary>
/// <remarks>
/// In every kernel one thread owns a feature, so that sums need neither atomics nor barriers and have one order; neighbouring threads
/// read neighbouring values. The mean is taken before the squares are summed: the difference of two large sums would lose the digits
/// of a small variance.
/// </remarks>
public sealed class BatchNorm
{
    /// <summary>Rows of which sums over a batch are made in parts; the lectures' batch is one part.</summary>
    const int PartRows = 32;

    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants, int, int,
        ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        BatchNormConstants, int, int, ArrayView<float>> forwardFixed;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>> backward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>> moments;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public BatchNorm(Launcher launcher)
    {
        this.launcher = launcher;
        Accelerator accelerator = launcher.Accelerator;
        forward = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants, int, int,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>>(ForwardKernel);
        forwardFixed = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            BatchNormConstants, int, int, ArrayView<float>>(ForwardFixedKernel);
        backward = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>>(BackwardKernel);
        moments = accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>>(MomentsKernel);
    }

    /// <summary>Normalises by the batch's own statistics, as in training, and moves the running statistics towards them.</summary>
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
        Shape.Check(x, (long)batch * features);
        Shape.Check(gain, features);
        Shape.Check(bias, features);
        Shape.Check(y, x.Length);
        Shape.Check(mean, features);
        Shape.Check(inverseDeviation, features);
        Shape.Check(runningMean, features);
        Shape.Check(runningSpread, features);
        forward(launcher.Stream, launcher.Over(features), x, gain, bias, constants, batch, features, y, mean, inverseDeviation, runningMean, runningSpread);
    }

    /// <summary>Normalises by given statistics, as in evaluation: every row for itself.</summary>
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
        Shape.Check(x, (long)batch * features);
        Shape.Check(gain, features);
        Shape.Check(bias, features);
        Shape.Check(mean, features);
        Shape.Check(spread, features);
        Shape.Check(y, x.Length);
        forwardFixed(launcher.Stream, launcher.Over(features), x, gain, bias, mean, spread, constants, batch, features, y);
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
        Shape.Check(x, (long)batch * features);
        Shape.Check(mean, features);
        Shape.Check(inverseDeviation, features);
        Shape.Check(gain, features);
        Shape.Check(dy, x.Length);
        Shape.Check(dx, x.Length);
        Shape.Check(dGain, features);
        Shape.Check(dBias, features);
        backward(launcher.Stream, launcher.Over(features), x, mean, inverseDeviation, gain, dy, batch, features, dx, dGain, dBias);
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
        Shape.Check(x, (long)batch * features);
        Shape.Check(mean, features);
        Shape.Check(squares, features);
        moments(launcher.Stream, launcher.Over(features), x, batch, features, mean, squares);
    }

    // One thread for each feature.
    static void ForwardKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread)
    {
        for (int feature = Work.First, stride = Work.Stride; feature < features; feature += stride)
        {
            (float centre, float squares) = FeatureMoments(x, feature, batch, features);
            float variance = squares / (batch - 1);
            float inverse = 1f / XMath.Sqrt(variance + constants.Epsilon);
            mean[feature] = centre;
            inverseDeviation[feature] = inverse;

            if (constants.Momentum > 0f)
            {
                float spread = constants.Spread == RunningSpread.StandardDeviation ? XMath.Sqrt(variance) : variance;
                runningMean[feature] = Moved(runningMean[feature], centre, constants.Momentum);
                runningSpread[feature] = Moved(runningSpread[feature], spread, constants.Momentum);
            }

            Normalise(x, gain[feature], bias[feature], centre, inverse, feature, batch, features, y);
        }
    }

    // One thread for each feature.
    static void ForwardFixedKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        for (int feature = Work.First, stride = Work.Stride; feature < features; feature += stride)
        {
            float inverse = constants.Spread == RunningSpread.StandardDeviation
                ? 1f / spread[feature]
                : 1f / XMath.Sqrt(spread[feature] + constants.Epsilon);
            Normalise(x, gain[feature], bias[feature], mean[feature], inverse, feature, batch, features, y);
        }
    }

    // One thread for each feature.
    static void BackwardKernel(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        for (int feature = Work.First, stride = Work.Stride; feature < features; feature += stride)
        {
            float centre = mean[feature];
            float inverse = inverseDeviation[feature];
            float sum = 0f;
            float sumNormalised = 0f;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float gradient = dy[i];
                sum += gradient;
                sumNormalised += gradient * ((x[i] - centre) * inverse);
            }
            dBias[feature] = sum;
            dGain[feature] = sumNormalised;

            float scale = gain[feature] * inverse;
            float meanGradient = sum / batch;
            float slope = sumNormalised / (batch - 1);
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float normalised = (x[i] - centre) * inverse;
                dx[i] = scale * (dy[i] - meanGradient - (normalised * slope));
            }
        }
    }

    // One thread for each feature.
    static void MomentsKernel(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares)
    {
        for (int feature = Work.First, stride = Work.Stride; feature < features; feature += stride)
        {
            (mean[feature], squares[feature]) = FeatureMoments(x, feature, batch, features);
        }
    }

    // Summed in parts: the rounding of a thousand terms one after another would be several units in the sixth digit.
    static (float Mean, float Squares) FeatureMoments(ArrayView<float> x, int feature, int batch, int features)
    {
        float sum = 0f;
        for (int first = 0; first < batch; first += PartRows)
        {
            int end = IntrinsicMath.Min(first + PartRows, batch);
            float part = 0f;
            for (int n = first; n < end; n++)
            {
                part += x[(n * features) + feature];
            }
            sum += part;
        }
        float mean = sum / batch;
        float squares = 0f;
        for (int first = 0; first < batch; first += PartRows)
        {
            int end = IntrinsicMath.Min(first + PartRows, batch);
            float part = 0f;
            for (int n = first; n < end; n++)
            {
                float difference = x[(n * features) + feature] - mean;
                part += difference * difference;
            }
            squares += part;
        }
        return (mean, squares);
    }

    static void Normalise(
        ArrayView<float> x, float gain, float bias, float mean, float inverse, int feature, int batch, int features, ArrayView<float> y)
    {
        for (int n = 0; n < batch; n++)
        {
            int i = (n * features) + feature;
            y[i] = (gain * ((x[i] - mean) * inverse)) + bias;
        }
    }

    static float Moved(float running, float batch, float momentum) => ((1f - momentum) * running) + (momentum * batch);
}
