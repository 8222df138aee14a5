using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Numerics;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// The loss of a classifier, with softmax and cross-entropy as one operation. For a row x of V logits and its target y:
/// p = softmax(x), loss = -log p[y] = log Σ exp(x[v] - max) + (max - x[y]), and, for the mean loss over N rows,
/// dx = (p - onehot(y)) / N.
/// </summary>
/// <remarks>
/// The sum is kept relative to the largest logit seen so far and rescaled when a larger one comes (M. Milakov and N. Gimelshein,
/// "Online normalizer calculation for softmax", 2018): one pass over the row gives the loss, for logits of any size, and no
/// probabilities are stored. Reference: <c>ReferenceOperations.SoftmaxCrossEntropy</c>.
/// </remarks>
public sealed class SoftmaxCrossEntropy
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>> loss;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>, ArrayView<float>> lossAndGradient;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<StepState>, ArrayView<float>> mean;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public SoftmaxCrossEntropy(Launcher launcher)
    {
        this.launcher = launcher;
        loss = launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>>(LossKernel);
        lossAndGradient = launcher.Accelerator
            .LoadKernel<ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>, ArrayView<float>>(LossAndGradientKernel);
        mean = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<StepState>, ArrayView<float>>(MeanKernel);
    }

    /// <summary>The loss of each row.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N], each in 0 … V-1.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="losses">The rows' losses [N].</param>
    public void Loss(ArrayView<float> logits, ArrayView<int> targets, int vocabulary, ArrayView<float> losses)
    {
        int batch = targets.IntLength;
        ViewChecks.CheckLength(logits, (long)batch * vocabulary);
        ViewChecks.CheckLength(losses, batch);
        loss(launcher.Stream, launcher.Over(batch), logits, targets, batch, vocabulary, losses);
    }

    /// <summary>The loss of each row, and the gradient of their mean.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N], each in 0 … V-1.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="losses">The rows' losses [N].</param>
    /// <param name="dLogits">The gradient of the logits [N, V].</param>
    public void LossAndGradient(
        ArrayView<float> logits, ArrayView<int> targets, int vocabulary, ArrayView<float> losses, ArrayView<float> dLogits)
    {
        int batch = targets.IntLength;
        ViewChecks.CheckLength(logits, (long)batch * vocabulary);
        ViewChecks.CheckLength(losses, batch);
        ViewChecks.CheckLength(dLogits, logits.Length);
        lossAndGradient(launcher.Stream, launcher.Over(batch), logits, targets, batch, vocabulary, losses, dLogits);
    }

    /// <summary>The mean of the rows' losses, put into the step's place of a longer record.</summary>
    /// <param name="losses">The rows' losses [N].</param>
    /// <param name="state">The step [1].</param>
    /// <param name="record">The mean loss of each step.</param>
    public void Mean(ArrayView<float> losses, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArgumentOutOfRangeException.ThrowIfZero(losses.IntLength, nameof(losses));
        ViewChecks.CheckLength(state, 1);
        mean(launcher.Stream, launcher.Shape.OneGroup, losses, losses.IntLength, state, record);
    }

    // One thread for each row.
    static void LossKernel(ArrayView<float> logits, ArrayView<int> targets, int batch, int vocabulary, ArrayView<float> losses)
    {
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int row = n * vocabulary;
            (float largest, float sum) = Normalizer(logits, row, vocabulary);
            losses[n] = DeviceMath.Log(sum) + (largest - logits[row + targets[n]]);
        }
    }

    // One thread for each row.
    static void LossAndGradientKernel(
        ArrayView<float> logits, ArrayView<int> targets, int batch, int vocabulary, ArrayView<float> losses, ArrayView<float> dLogits)
    {
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int row = n * vocabulary;
            int target = targets[n];
            (float largest, float sum) = Normalizer(logits, row, vocabulary);
            losses[n] = DeviceMath.Log(sum) + (largest - logits[row + target]);
            for (int v = 0; v < vocabulary; v++)
            {
                float probability = DeviceMath.Exp(logits[row + v] - largest) / sum;
                dLogits[row + v] = (v == target ? probability - 1f : probability) / batch;
            }
        }
    }

    // One group. Each thread sums its share, and one of them the shares: always in the same order.
    static void MeanKernel(ArrayView<float> losses, int batch, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArrayView<float> shares = SharedMemory.Allocate<float>(LaunchShape.MaxGroupSize);
        int threads = Group.DimX;
        float share = 0f;
        for (int n = Group.IdxX; n < batch; n += threads)
        {
            share += losses[n];
        }
        shares[Group.IdxX] = share;

        // The first thread reads the shares of all others: they must have been written.
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            float sum = 0f;
            for (int thread = 0; thread < threads; thread++)
            {
                sum += shares[thread];
            }
            record[state[0].Step] = sum / batch;
        }
    }

    /// <summary>The largest logit of a row, and the sum of exp(logit - largest).</summary>
    static (float Largest, float Sum) Normalizer(ArrayView<float> logits, int row, int vocabulary)
    {
        float largest = logits[row];
        float sum = 1f;
        for (int v = 1; v < vocabulary; v++)
        {
            float logit = logits[row + v];
            if (logit > largest)
            {
                sum = (sum * DeviceMath.Exp(largest - logit)) + 1f;
                largest = logit;
            }
            else
            {
                sum += DeviceMath.Exp(logit - largest);
            }
        }
        return (largest, sum);
    }
}
