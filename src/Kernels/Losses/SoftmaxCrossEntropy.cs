using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// The loss of a classifier: softmax and cross-entropy as one operation, and the gradient of the mean loss in closed form.
/// </summary>
/// <remarks>
/// <para>For logits x [N, V] and targets y [N], by rows:</para>
/// <code>
/// forward     p = softmax(x)        loss = -log p[y] = log Σ exp(x[v] - max) + (max - x[y])        loss [N], max the row's maximum
/// backward    dx = (p - onehot(y)) / N                                                             dx [N, V], of the mean loss
/// </code>
/// <para>
/// On GPUs the maximum and the sum come from one pass (online softmax): the sum is relative to the maximum so far, and is rescaled when a
/// larger logit comes. On processors, whose caches hold a row, they come from two. So large logits do not overflow, and the loss needs no
/// probabilities in memory.
/// </para>
/// <para>
/// Cost: the loss reads the logits once, NV reads, at one exponential a logit; the gradient reads them once more and writes dx, in all 2NV
/// reads and NV writes, two exponentials a logit. Fused it is 3NV reads, of the maximum, the sum and the gradient, and by threads 2NV
/// writes and one exponential a logit, by warps NV writes and two.
/// </para>
/// <para>
/// Runs as: <see cref="CpuSoftmaxCrossEntropy"/> and <see cref="CpuMeanLoss"/> on the CPU accelerator and on OpenCL devices that are
/// processors; the kernels of this class on GPUs, one thread for each row. The fused kernel, by threads and by warps, runs
/// <see cref="TileSoftmaxCrossEntropy"/>, by warps as <see cref="WarpSoftmaxCrossEntropy"/>, and <see cref="TileBatchLoss"/>; its warp
/// groups do so as warps. The lecture's small steps are <see cref="SoftmaxCrossEntropySteps"/>.
/// </para>
/// <para>
/// Reference: <c>ReferenceOperations.SoftmaxCrossEntropy</c>. Source: M. Milakov and N. Gimelshein, "Online normalizer calculation for
/// softmax", 2018.
/// </para>
/// </remarks>
public sealed class SoftmaxCrossEntropy
{
    readonly Launcher launcher;
    readonly WorkerKernel<CpuSoftmaxCrossEntropy> cpuLoss;
    readonly WorkerKernel<CpuMeanLoss> cpuMean;

    /// <summary>The operation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal SoftmaxCrossEntropy(Launcher launcher)
    {
        this.launcher = launcher;
        cpuLoss = new WorkerKernel<CpuSoftmaxCrossEntropy>(launcher);
        cpuMean = new WorkerKernel<CpuMeanLoss>(launcher);
    }

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>> GpuLoss => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>>(GpuLossKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>, ArrayView<float>>
        GpuLossAndGradient => field ??= launcher.Accelerator
            .LoadKernel<ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>, ArrayView<float>>(GpuLossAndGradientKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<StepState>, ArrayView<float>> GpuMean => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<StepState>, ArrayView<float>>(GpuMeanKernel);

    /// <summary>The loss of each row.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N], each in 0 … V-1.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="losses">The rows' losses [N].</param>
    internal void Loss(ArrayView<float> logits, ArrayView<int> targets, int vocabulary, ArrayView<float> losses)
    {
        int batch = targets.IntLength;
        ViewChecks.CheckLength(logits, (long)batch * vocabulary);
        ViewChecks.CheckLength(losses, batch);
        if (launcher.Shape.IsGpu)
        {
            GpuLoss(launcher.Stream, launcher.Over(batch), logits, targets, batch, vocabulary, losses);
        }
        else
        {
            cpuLoss.Launch(new(
                new(logits, 0), new(targets.Cast<float>(), 0), batch, vocabulary, new(losses, 0), new(losses, 0), HasGradient: 0));
        }
    }

    /// <summary>The loss of each row.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N], each in 0 … V-1.</param>
    /// <param name="losses">The rows' losses [N].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Loss(Tensor logits, ArrayView<int> targets, Tensor losses)
    {
        (_, int vocabulary) = CheckShapes(logits, targets, losses);
        Loss(logits.Data, targets, vocabulary, losses.Data);
    }

    /// <summary>The loss of each row, and the gradient of their mean: (probabilities - one-hot) / N.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N], each in 0 … V-1.</param>
    /// <param name="losses">The rows' losses [N].</param>
    /// <param name="dLogits">The gradient of the logits [N, V].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void LossAndGradient(Tensor logits, ArrayView<int> targets, Tensor losses, Tensor dLogits)
    {
        (_, int vocabulary) = CheckShapes(logits, targets, losses);
        TensorChecks.CheckSame(launcher, logits, dLogits);
        LossAndGradient(logits.Data, targets, vocabulary, losses.Data, dLogits.Data);
    }

    /// <summary>The loss of each row, and the gradient of their mean.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N], each in 0 … V-1.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="losses">The rows' losses [N].</param>
    /// <param name="dLogits">The gradient of the logits [N, V].</param>
    internal void LossAndGradient(
        ArrayView<float> logits, ArrayView<int> targets, int vocabulary, ArrayView<float> losses, ArrayView<float> dLogits)
    {
        int batch = targets.IntLength;
        ViewChecks.CheckLength(logits, (long)batch * vocabulary);
        ViewChecks.CheckLength(losses, batch);
        ViewChecks.CheckLength(dLogits, logits.Length);
        if (launcher.Shape.IsGpu)
        {
            GpuLossAndGradient(launcher.Stream, launcher.Over(batch), logits, targets, batch, vocabulary, losses, dLogits);
        }
        else
        {
            cpuLoss.Launch(new(
                new(logits, 0), new(targets.Cast<float>(), 0), batch, vocabulary, new(losses, 0), new(dLogits, 0), HasGradient: 1));
        }
    }

    /// <summary>The mean of the rows' losses, as the loss of the current step.</summary>
    /// <param name="losses">The rows' losses [N].</param>
    /// <param name="state">The step [1].</param>
    /// <param name="record">The mean loss of each step; that at the index of the step is written.</param>
    internal void Mean(ArrayView<float> losses, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArgumentOutOfRangeException.ThrowIfZero(losses.IntLength, nameof(losses));
        ViewChecks.CheckLength(state, 1);
        if (launcher.Shape.IsGpu)
        {
            GpuMean(launcher.Stream, launcher.Shape.OneGroup, losses, losses.IntLength, state, record);
        }
        else
        {
            cpuMean.Launch(new(new(losses, 0), losses.IntLength, new(state.Cast<float>(), 0), new(record, 0)));
        }
    }

    (int Batch, int Vocabulary) CheckShapes(Tensor logits, ArrayView<int> targets, Tensor losses)
    {
        (int batch, int vocabulary) = TensorChecks.Matrix(launcher, logits);
        ViewChecks.CheckLength(targets, batch);
        TensorChecks.CheckShape(launcher, losses, [batch]);
        return (batch, vocabulary);
    }

    // One thread for each row.
    static void GpuLossKernel(ArrayView<float> logits, ArrayView<int> targets, int batch, int vocabulary, ArrayView<float> losses)
    {
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int row = n * vocabulary;
            (float maximum, float sum) = Normalizer(logits, row, vocabulary);
            losses[n] = DeviceMath.Log(sum) + (maximum - logits[row + targets[n]]);
        }
    }

    // One thread for each row.
    static void GpuLossAndGradientKernel(
        ArrayView<float> logits, ArrayView<int> targets, int batch, int vocabulary, ArrayView<float> losses, ArrayView<float> dLogits)
    {
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int row = n * vocabulary;
            int target = targets[n];
            (float maximum, float sum) = Normalizer(logits, row, vocabulary);
            losses[n] = DeviceMath.Log(sum) + (maximum - logits[row + target]);
            for (int v = 0; v < vocabulary; v++)
            {
                float probability = DeviceMath.Exp(logits[row + v] - maximum) / sum;
                dLogits[row + v] = (v == target ? probability - 1f : probability) / batch;
            }
        }
    }

    // One group. Each thread computes a partial sum, and the first thread adds the partial sums, always in the same order.
    static void GpuMeanKernel(ArrayView<float> losses, int batch, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArrayView<float> partialSums = SharedMemory.Allocate<float>(LaunchShape.MaxGroupSize);
        int threads = Group.DimX;
        float partialSum = 0f;
        for (int n = Group.IdxX; n < batch; n += threads)
        {
            partialSum += losses[n];
        }
        partialSums[Group.IdxX] = partialSum;

        // Race: the first thread reads the partial sums that all others have just stored.
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            float sum = 0f;
            for (int thread = 0; thread < threads; thread++)
            {
                sum += partialSums[thread];
            }
            record[state[0].Step] = sum / batch;
        }
    }

    // The maximum of a row, and the sum of exp(logit - maximum), by online softmax: a new maximum rescales the sum so far.
    static (float Maximum, float Sum) Normalizer(ArrayView<float> logits, int row, int vocabulary)
    {
        float maximum = logits[row];
        float sum = 1f;
        for (int v = 1; v < vocabulary; v++)
        {
            float logit = logits[row + v];
            if (logit > maximum)
            {
                sum = (sum * DeviceMath.Exp(maximum - logit)) + 1f;
                maximum = logit;
            }
            else
            {
                sum += DeviceMath.Exp(logit - maximum);
            }
        }
        return (maximum, sum);
    }
}
