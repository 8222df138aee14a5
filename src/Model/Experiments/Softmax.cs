using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>Losses for every possible target, and so probabilities, by the kernel that trains.</summary>
static class Softmax
{
    /// <summary>The loss of each row of logits for each target, -ln p.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="classes">V.</param>
    /// <returns>Losses [N, V].</returns>
    public static float[][] Losses(KernelSet kernels, float[] logits, int classes)
    {
        float[][] rows = [.. logits.Chunk(classes)];
        float[] repeated = [.. rows.SelectMany(row => Enumerable.Repeat(row, classes).SelectMany(copy => copy))];
        int[] targets = [.. rows.SelectMany(_ => Enumerable.Range(0, classes))];
        using MemoryBuffer1D<float, Stride1D.Dense> x = kernels.Accelerator.Allocate1D(kernels.Stream, repeated);
        using MemoryBuffer1D<int, Stride1D.Dense> y = kernels.Accelerator.Allocate1D(kernels.Stream, targets);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = kernels.Accelerator.Allocate1D<float>(targets.Length);
        kernels.SoftmaxCrossEntropy.Loss(x.View, y.View, classes, losses.View);
        return [.. kernels.Read<float>(losses.View).Chunk(classes)];
    }
}
