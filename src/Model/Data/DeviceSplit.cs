using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Model.Data;

/// <summary>A split on the accelerator, copied there once.</summary>
public sealed class DeviceSplit : IDisposable
{
    readonly MemoryBuffer1D<int, Stride1D.Dense> contexts;
    readonly MemoryBuffer1D<int, Stride1D.Dense> targets;
    readonly int context;

    /// <summary>Copies a split to the accelerator.</summary>
    /// <param name="kernels">The kernels, for their accelerator.</param>
    /// <param name="split">The split.</param>
    public DeviceSplit(KernelSet kernels, Split split)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(split);
        context = split.Context;
        contexts = kernels.Accelerator.Allocate1D(kernels.Stream, split.Contexts);
        targets = kernels.Accelerator.Allocate1D(kernels.Stream, split.Targets);
        kernels.Stream.Synchronize();
    }

    /// <summary>How many examples there are, M.</summary>
    public int Count => targets.IntExtent;

    /// <summary>All contexts [M, T].</summary>
    public ArrayView<int> Contexts => contexts.View;

    /// <summary>All targets [M].</summary>
    public ArrayView<int> Targets => targets.View;

    /// <summary>The split in consecutive batches, the last one with the examples that are left.</summary>
    /// <param name="batch">The largest batch.</param>
    public IEnumerable<(ArrayView<int> Tokens, ArrayView<int> Targets, int First)> Batches(int batch)
    {
        for (int first = 0; first < Count; first += batch)
        {
            int size = Math.Min(batch, Count - first);
            yield return (Contexts.SubView(first * context, size * context), Targets.SubView(first, size), first);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        contexts.Dispose();
        targets.Dispose();
    }
}
