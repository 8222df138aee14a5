using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Numerics;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// The intermediates of softmax and cross-entropy, or their gradients, under the names of the lecture on manual backprop.
/// </summary>
/// <param name="LogitMaxes">The largest logit of each row [N].</param>
/// <param name="NormLogits">logits - logit_maxes [N, V].</param>
/// <param name="Counts">exp(norm_logits) [N, V].</param>
/// <param name="CountsSum">The sum of each row's counts [N].</param>
/// <param name="CountsSumInverse">1 / counts_sum [N].</param>
/// <param name="Probabilities">counts · counts_sum_inv [N, V].</param>
/// <param name="LogProbabilities">log(probs) [N, V].</param>
readonly record struct SoftmaxIntermediates(
    ArrayView<float> LogitMaxes, ArrayView<float> NormLogits, ArrayView<float> Counts, ArrayView<float> CountsSum,
    ArrayView<float> CountsSumInverse, ArrayView<float> Probabilities, ArrayView<float> LogProbabilities);

/// <summary>
/// The loss in the lecture's small steps: <see cref="SoftmaxCrossEntropy"/> with every intermediate and every gradient in memory, as in
/// exercise 1 of the lecture on manual backprop.
/// </summary>
/// <remarks>
/// <para>The steps forward, of logits [N, V]; backward takes the derivative of each, from the last to the first:</para>
/// <code>
/// logit_maxes = max(logits)          norm_logits = logits - logit_maxes     counts = exp(norm_logits)     counts_sum = Σ counts
/// counts_sum_inv = 1 / counts_sum    probs = counts·counts_sum_inv          logprobs = log(probs)         loss = -logprobs[n, target]
/// </code>
/// <para>Cost: forward 3NV reads and 4NV writes, an exponential and a logarithm a logit; backward 5NV reads and 5NV writes.</para>
/// <para>Runs as: this class's kernels on every device, one thread for each row. The lecture's small steps only.</para>
/// <para>Reference: <c>ReferenceStep</c>, in double. Source: A. Karpathy, "Building makemore part 4: becoming a backprop ninja".</para>
/// </remarks>
sealed class SoftmaxCrossEntropySteps
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, SoftmaxIntermediates,
        ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, SoftmaxIntermediates, int, int, SoftmaxIntermediates,
        ArrayView<float>> backward;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    public SoftmaxCrossEntropySteps(Launcher launcher)
    {
        this.launcher = launcher;
        forward = launcher.Accelerator
            .LoadKernel<ArrayView<float>, ArrayView<int>, int, int, SoftmaxIntermediates, ArrayView<float>>(ForwardKernel);
        backward = launcher.Accelerator
            .LoadKernel<ArrayView<float>, ArrayView<int>, SoftmaxIntermediates, int, int, SoftmaxIntermediates,
                ArrayView<float>>(BackwardKernel);
    }

    /// <summary>All intermediates, and the loss of each row.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N].</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="values">Where the intermediates go.</param>
    /// <param name="losses">The rows' losses, -logprobs[n, target] [N].</param>
    public void Forward(
        ArrayView<float> logits, ArrayView<int> targets, int vocabulary, SoftmaxIntermediates values, ArrayView<float> losses)
    {
        int batch = targets.IntLength;
        ViewChecks.CheckLength(logits, (long)batch * vocabulary);
        ViewChecks.CheckLength(losses, batch);
        Check(values, batch, vocabulary);
        forward(launcher.Stream, launcher.Over(batch), logits, targets, batch, vocabulary, values, losses);
    }

    /// <summary>All gradients of the mean loss, step by step back to the logits.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N].</param>
    /// <param name="values">The intermediates of <see cref="Forward"/>.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="gradients">Where the gradients of the intermediates go.</param>
    /// <param name="dLogits">The gradient of the logits [N, V].</param>
    public void Backward(
        ArrayView<float> logits, ArrayView<int> targets, SoftmaxIntermediates values, int vocabulary, SoftmaxIntermediates gradients,
        ArrayView<float> dLogits)
    {
        int batch = targets.IntLength;
        ViewChecks.CheckLength(logits, (long)batch * vocabulary);
        ViewChecks.CheckLength(dLogits, logits.Length);
        Check(values, batch, vocabulary);
        Check(gradients, batch, vocabulary);
        backward(launcher.Stream, launcher.Over(batch), logits, targets, values, batch, vocabulary, gradients, dLogits);
    }

    // One thread for each row.
    static void ForwardKernel(
        ArrayView<float> logits, ArrayView<int> targets, int batch, int vocabulary, SoftmaxIntermediates values, ArrayView<float> losses)
    {
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int row = n * vocabulary;
            float maximum = logits[row];
            for (int v = 1; v < vocabulary; v++)
            {
                float logit = logits[row + v];
                maximum = logit > maximum ? logit : maximum;
            }
            float sum = 0f;
            for (int v = 0; v < vocabulary; v++)
            {
                float normalized = logits[row + v] - maximum;
                float count = DeviceMath.Exp(normalized);
                values.NormLogits[row + v] = normalized;
                values.Counts[row + v] = count;
                sum += count;
            }
            float inverse = 1f / sum;
            for (int v = 0; v < vocabulary; v++)
            {
                float probability = values.Counts[row + v] * inverse;
                values.Probabilities[row + v] = probability;
                values.LogProbabilities[row + v] = DeviceMath.Log(probability);
            }
            values.LogitMaxes[n] = maximum;
            values.CountsSum[n] = sum;
            values.CountsSumInverse[n] = inverse;
            losses[n] = -values.LogProbabilities[row + targets[n]];
        }
    }

    // One thread for each row.
    static void BackwardKernel(
        ArrayView<float> logits, ArrayView<int> targets, SoftmaxIntermediates values, int batch, int vocabulary,
        SoftmaxIntermediates gradients, ArrayView<float> dLogits)
    {
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int row = n * vocabulary;
            int target = targets[n];

            // loss = -mean(logprobs[n, target]); logprobs = log(probs); probs = counts · counts_sum_inv
            float dInverse = 0f;
            for (int v = 0; v < vocabulary; v++)
            {
                float dLog = v == target ? -1f / batch : 0f;
                float dProbability = dLog / values.Probabilities[row + v];
                gradients.LogProbabilities[row + v] = dLog;
                gradients.Probabilities[row + v] = dProbability;
                dInverse += values.Counts[row + v] * dProbability;
            }

            // counts_sum_inv = 1 / counts_sum; counts_sum = Σ counts
            float inverse = values.CountsSumInverse[n];
            float dSum = -(inverse * inverse) * dInverse;
            gradients.CountsSumInverse[n] = dInverse;
            gradients.CountsSum[n] = dSum;

            // counts = exp(norm_logits); norm_logits = logits - logit_maxes
            float dMaximum = 0f;
            int argmax = 0;
            for (int v = 0; v < vocabulary; v++)
            {
                float dCount = (inverse * gradients.Probabilities[row + v]) + dSum;
                float dNormalized = values.Counts[row + v] * dCount;
                gradients.Counts[row + v] = dCount;
                gradients.NormLogits[row + v] = dNormalized;
                dLogits[row + v] = dNormalized;
                dMaximum -= dNormalized;
                argmax = logits[row + v] > logits[row + argmax] ? v : argmax;
            }

            // logit_maxes = max(logits): its gradient, 0 but for rounding, goes to the logit that was the largest.
            gradients.LogitMaxes[n] = dMaximum;
            dLogits[row + argmax] += dMaximum;
        }
    }

    static void Check(
        SoftmaxIntermediates intermediates, int batch, int vocabulary,
        [CallerArgumentExpression(nameof(intermediates))] string? name = null)
    {
        ViewChecks.CheckLength(intermediates.LogitMaxes, batch, name);
        ViewChecks.CheckLength(intermediates.NormLogits, (long)batch * vocabulary, name);
        ViewChecks.CheckLength(intermediates.Counts, (long)batch * vocabulary, name);
        ViewChecks.CheckLength(intermediates.CountsSum, batch, name);
        ViewChecks.CheckLength(intermediates.CountsSumInverse, batch, name);
        ViewChecks.CheckLength(intermediates.Probabilities, (long)batch * vocabulary, name);
        ViewChecks.CheckLength(intermediates.LogProbabilities, (long)batch * vocabulary, name);
    }
}
