using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>Losses for every possible target, and so probabilities, by the kernel that trains.</summary>
static class Softmax
{
    /// <summary>
    /// The loss of each row of logits for each target, -ln p. The kernel computes the loss for the largest logit, ln Σ exp(x - max); that
    /// for any other target is larger by the difference of the logits, which is the kernel's own last operation.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="classes">V.</param>
    /// <returns>Losses [N, V].</returns>
    public static float[][] Losses(KernelSet kernels, float[] logits, int classes)
    {
        float[][] rows = [.. logits.Chunk(classes)];
        int[] largest = Array.ConvertAll(rows, row => row.IndexOf(row.Max()));
        using MemoryBuffer1D<float, Stride1D.Dense> x = kernels.Accelerator.Allocate1D(kernels.Stream, logits);
        using MemoryBuffer1D<int, Stride1D.Dense> y = kernels.Accelerator.Allocate1D(kernels.Stream, largest);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = kernels.Accelerator.Allocate1D<float>(rows.Length);
        kernels.SoftmaxCrossEntropy.Loss(x.View, y.View, classes, losses.View);
        float[] least = kernels.Read<float>(losses.View);
        return [.. rows.Select((row, n) => Array.ConvertAll(row, logit => least[n] + (row[largest[n]] - logit)))];
    }
}
