using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>The intermediates of batch normalization, or their gradients, under the names of the lecture on manual backprop.</summary>
/// <param name="Mean">bnmeani, the mean of each feature [H].</param>
/// <param name="Difference">bndiff = x - bnmeani [N, H].</param>
/// <param name="Squares">bndiff2 = bndiff² [N, H].</param>
/// <param name="Variance">bnvar = Σ bndiff2 / (N-1) [H].</param>
/// <param name="VarianceInverse">bnvar_inv = (bnvar + ε)^-½ [H].</param>
/// <param name="Raw">bnraw = bndiff · bnvar_inv [N, H].</param>
readonly record struct BatchNormIntermediates(
    ArrayView<float> Mean, ArrayView<float> Difference, ArrayView<float> Squares,
    ArrayView<float> Variance, ArrayView<float> VarianceInverse, ArrayView<float> Raw);

/// <summary>
/// Batch normalization in the lecture's small steps: <see cref="BatchNorm"/> with every intermediate and every gradient in memory, as in
/// exercise 1 of the lecture on manual backprop.
/// </summary>
/// <remarks>
/// <para>The steps forward, of x [N, H]; backward takes the derivative of each, from the last to the first:</para>
/// <code>
/// bnmeani = Σ x / N                bndiff = x - bnmeani               bndiff2 = bndiff²
/// bnvar = Σ bndiff2 / (N-1)        bnvar_inv = (bnvar + ε)^-½         bnraw = bndiff·bnvar_inv        y = gain·bnraw + bias
/// </code>
/// <para>
/// Cost: forward 3NH reads and 4NH writes, 7 floating-point operations a value; backward 6NH reads and 4NH writes, 13 operations.
/// </para>
/// <para>Runs as: this class's kernels on every device, one thread for each feature. The lecture's small steps only.</para>
/// <para>Reference: <c>ReferenceStep</c>, in double. Source: A. Karpathy, "Building makemore part 4: becoming a backprop ninja".</para>
/// </remarks>
sealed class BatchNormSteps
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, int, int,
        BatchNormIntermediates, ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, BatchNormIntermediates, ArrayView<float>, ArrayView<float>, float, int, int,
        BatchNormIntermediates, ArrayView<float>, ArrayView<float>, ArrayView<float>> backward;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    public BatchNormSteps(Launcher launcher)
    {
        this.launcher = launcher;
        forward = launcher.Accelerator
            .LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, float, int, int,
                BatchNormIntermediates, ArrayView<float>>(ForwardKernel);
        backward = launcher.Accelerator
            .LoadKernel<BatchNormIntermediates, ArrayView<float>, ArrayView<float>, float, int, int,
                BatchNormIntermediates, ArrayView<float>, ArrayView<float>, ArrayView<float>>(BackwardKernel);
    }

    /// <summary>All intermediates, and y = gain·bnraw + bias.</summary>
    /// <param name="x">x [N, H], N at least 2.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="epsilon">ε, added to the variance under the root.</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="values">Where the intermediates go.</param>
    /// <param name="y">y [N, H].</param>
    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, float epsilon, int batch, int features,
        BatchNormIntermediates values, ArrayView<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 2);
        ViewChecks.CheckLength(x, (long)batch * features);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(bias, features);
        ViewChecks.CheckLength(y, x.Length);
        Check(values, batch, features);
        forward(launcher.Stream, launcher.Over(features), x, gain, bias, epsilon, batch, features, values, y);
    }

    /// <summary>All gradients, step by step back to x.</summary>
    /// <param name="values">The intermediates of <see cref="Forward"/>.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="batch">N.</param>
    /// <param name="features">H.</param>
    /// <param name="gradients">Where the gradients of the intermediates go.</param>
    /// <param name="dx">The gradient of x [N, H].</param>
    /// <param name="dGain">The gradient of the gain [H].</param>
    /// <param name="dBias">The gradient of the bias [H].</param>
    public void Backward(
        BatchNormIntermediates values, ArrayView<float> gain, ArrayView<float> dy, float epsilon, int batch, int features,
        BatchNormIntermediates gradients, ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 2);
        ViewChecks.CheckLength(gain, features);
        ViewChecks.CheckLength(dy, (long)batch * features);
        ViewChecks.CheckLength(dx, dy.Length);
        ViewChecks.CheckLength(dGain, features);
        ViewChecks.CheckLength(dBias, features);
        Check(values, batch, features);
        Check(gradients, batch, features);
        backward(launcher.Stream, launcher.Over(features), values, gain, dy, epsilon, batch, features, gradients, dx, dGain, dBias);
    }

    // One thread for each feature.
    static void ForwardKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, float epsilon, int batch, int features,
        BatchNormIntermediates values, ArrayView<float> y)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            float sum = 0f;
            for (int n = 0; n < batch; n++)
            {
                sum += x[(n * features) + feature];
            }
            float mean = sum / batch;

            float squares = 0f;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float difference = x[i] - mean;
                float square = difference * difference;
                values.Difference[i] = difference;
                values.Squares[i] = square;
                squares += square;
            }
            float variance = squares / (batch - 1);
            float inverse = 1f / XMath.Sqrt(variance + epsilon);
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float raw = values.Difference[i] * inverse;
                values.Raw[i] = raw;
                y[i] = (gain[feature] * raw) + bias[feature];
            }
            values.Mean[feature] = mean;
            values.Variance[feature] = variance;
            values.VarianceInverse[feature] = inverse;
        }
    }

    // One thread for each feature.
    static void BackwardKernel(
        BatchNormIntermediates values, ArrayView<float> gain, ArrayView<float> dy, float epsilon, int batch, int features,
        BatchNormIntermediates gradients, ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            // y = gain · bnraw + bias; bnraw = bndiff · bnvar_inv
            float sumGain = 0f;
            float sumBias = 0f;
            float dInverse = 0f;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float dRaw = gain[feature] * dy[i];
                gradients.Raw[i] = dRaw;
                sumGain += values.Raw[i] * dy[i];
                sumBias += dy[i];
                dInverse += values.Difference[i] * dRaw;
            }
            dGain[feature] = sumGain;
            dBias[feature] = sumBias;

            // bnvar_inv = (bnvar + ε)^-½; bnvar = Σ bndiff2 / (N-1)
            float inverse = values.VarianceInverse[feature];
            float dVariance = -0.5f * (inverse / (values.Variance[feature] + epsilon)) * dInverse;
            float dSquare = dVariance / (batch - 1);
            gradients.VarianceInverse[feature] = dInverse;
            gradients.Variance[feature] = dVariance;

            // bndiff2 = bndiff²; bndiff = x - bnmeani
            float dMean = 0f;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float dDifference = (inverse * gradients.Raw[i]) + (2f * values.Difference[i] * dSquare);
                gradients.Squares[i] = dSquare;
                gradients.Difference[i] = dDifference;
                dMean -= dDifference;
            }
            gradients.Mean[feature] = dMean;

            // bnmeani = Σ x / N
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                dx[i] = gradients.Difference[i] + (dMean / batch);
            }
        }
    }

    static void Check(
        BatchNormIntermediates intermediates, int batch, int features,
        [CallerArgumentExpression(nameof(intermediates))] string? name = null)
    {
        ViewChecks.CheckLength(intermediates.Mean, features, name);
        ViewChecks.CheckLength(intermediates.Difference, (long)batch * features, name);
        ViewChecks.CheckLength(intermediates.Squares, (long)batch * features, name);
        ViewChecks.CheckLength(intermediates.Variance, features, name);
        ViewChecks.CheckLength(intermediates.VarianceInverse, features, name);
        ViewChecks.CheckLength(intermediates.Raw, (long)batch * features, name);
    }
}
