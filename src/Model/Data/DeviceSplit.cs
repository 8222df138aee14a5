using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>A split on the accelerator, copied there once.</summary>
sealed class DeviceSplit : IDisposable
{
    readonly MemoryBuffer1D<int, Stride1D.Dense> tokens;

    /// <summary>Copies a split to the accelerator.</summary>
    /// <param name="kernels">The kernels, for their accelerator.</param>
    /// <param name="split">The split.</param>
    public DeviceSplit(KernelSet kernels, Split split)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(split);
        tokens = kernels.Accelerator.Allocate1D(kernels.Stream, split.Tokens);
        kernels.Stream.Synchronize();
    }

    /// <summary>How many examples there are, M.</summary>
    public int Count => tokens.IntExtent;

    /// <summary>All examples, in their order [M].</summary>
    public IEnumerable<int> Examples => Enumerable.Range(0, Count);

    /// <summary>The tokens, each the target of an example [M].</summary>
    public ArrayView<int> Tokens => tokens.View;

    /// <summary>The memory that a split takes.</summary>
    /// <param name="name">What the split is for.</param>
    /// <param name="split">The split.</param>
    public static PlannedBuffer Plan(string name, Split split)
    {
        ArgumentNullException.ThrowIfNull(split);
        return PlannedBuffer.Of<int>(name, split.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => tokens.Dispose();
}
