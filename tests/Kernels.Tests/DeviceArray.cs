using ILGPU;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// Values on a device, followed by a margin that no kernel may write: a backend does not say where a kernel leaves its array. A kernel
/// that reads the margin gets a mark that spoils its result.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
sealed class DeviceArray<T> : IDisposable
    where T : unmanaged
{
    const int Margin = 64;

    readonly MemoryBuffer1D<T, Stride1D.Dense> buffer;
    readonly AcceleratorStream stream;
    readonly int length;
    readonly T mark;

    /// <summary>Puts values on the device.</summary>
    /// <param name="bench">The device.</param>
    /// <param name="values">The values.</param>
    /// <param name="mark">What the margin is filled with.</param>
    public DeviceArray(TestBench bench, T[] values, T mark)
    {
        this.mark = mark;
        length = values.Length;
        stream = bench.Stream;
        buffer = bench.Accelerator.Allocate1D<T>(length + Margin);
        buffer.View.BaseView.CopyFromCPU(stream, [.. values, .. Enumerable.Repeat(mark, Margin)]);
    }

    /// <summary>The values as kernels take them.</summary>
    public ArrayView<T> View => buffer.View.BaseView.SubView(0, length);

    /// <summary>The values as kernels take them.</summary>
    /// <param name="array">The array.</param>
    public static implicit operator ArrayView<T>(DeviceArray<T> array) => array.View;

    /// <summary>The values, once all launches are done. Fails where one wrote into the margin.</summary>
    public T[] Read()
    {
        T[] all = buffer.View.BaseView.GetAsArray(stream);
        Assert.That(all[length..], Is.All.EqualTo(mark), $"a kernel wrote beyond the {length} elements of its array");
        return all[..length];
    }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();
}
