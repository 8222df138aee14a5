using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Execution;

/// <summary>The examples of an evaluation, whose indices go to the accelerator some at a time.</summary>
static class ExampleIndices
{
    /// <summary>The memory that <see cref="Upload"/> takes meanwhile.</summary>
    /// <param name="size">How many indices at a time.</param>
    public static PlannedBuffer Plan(int size) => PlannedBuffer.Of<int>("indices of an evaluation", size);

    /// <summary>Copies indices to the accelerator, again and again to the same buffer.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="examples">The indices of the examples in their split.</param>
    /// <param name="size">How many at a time; the last ones are as many as are left.</param>
    /// <returns>The indices on the accelerator, which are there until the next ones are asked for.</returns>
    public static IEnumerable<ArrayView<int>> Upload(KernelSet kernels, IEnumerable<int> examples, int size)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = kernels.Accelerator.Allocate1D<int>(size);
        // One array for all: those of a large split would fill the heap.
        var host = new int[size];
        int count = 0;
        foreach (int example in examples)
        {
            host[count++] = example;
            if (count == size)
            {
                yield return Copied();
                count = 0;
            }
        }
        if (count > 0)
        {
            yield return Copied();
        }

        ArrayView<int> Copied()
        {
            ArrayView<int> indices = buffer.View.SubView(0, count);
            indices.CopyFromCPU(kernels.Stream, host.AsSpan(0, count));
            kernels.Stream.Synchronize();
            return indices;
        }
    }
}
