using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// Values on a device between two guard zones, which no kernel may read or write: a backend does not say where a kernel leaves its array.
/// What is read there spoils the result, and what is written there shows when the array is read or checked.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
sealed class DeviceArray<T> : IDeviceArray
    where T : unmanaged
{
    // Longer than a block of any kernel. In bytes it is a multiple of 256, to which ILGPU takes every view to be aligned, and of the size
    // of each structure that scratch is cast to: a cast rounds the start of a view down to a whole number of them.
    const int ZoneLength = 576;

    readonly MemoryBuffer1D<T, Stride1D.Dense> buffer;
    readonly AcceleratorStream stream;
    readonly int start;
    readonly int length;
    readonly T[] front;
    readonly T[] back;

    /// <summary>Puts values on the device.</summary>
    /// <param name="bench">The device.</param>
    /// <param name="values">The values.</param>
    /// <param name="guardAt">What the guard zones hold, by the index of an element.</param>
    /// <param name="misalignment">How many values behind an aligned address the first one lies.</param>
    public DeviceArray(TestBench bench, ReadOnlySpan<T> values, Func<int, T> guardAt, int misalignment = 0)
    {
        stream = bench.Stream;
        start = ZoneLength + misalignment;
        length = values.Length;
        front = [.. Enumerable.Range(0, start).Select(guardAt)];
        back = [.. Enumerable.Range(start + length, ZoneLength).Select(guardAt)];
        T[] all = [.. front, .. values, .. back];
        buffer = bench.Accelerator.Allocate1D<T>(all.Length);
        buffer.View.BaseView.CopyFromCPU(stream, all);
    }

    /// <summary>The values as kernels take them.</summary>
    public ArrayView<T> View => buffer.View.BaseView.SubView(start, length);

    /// <summary>The values as kernels take them.</summary>
    /// <param name="array">The array.</param>
    public static implicit operator ArrayView<T>(DeviceArray<T> array) => array.View;

    /// <summary>The values, once all launches are done. Fails where one wrote into a guard zone.</summary>
    public T[] Read()
    {
        T[] all = buffer.View.BaseView.GetAsArray(stream);
        int[] touched =
        [
            .. Touched(all.AsSpan(0, start), front).Select(i => i - start),
            .. Touched(all.AsSpan(start + length), back).Select(i => i + length),
        ];
        Assert.That(touched, Is.Empty, $"a kernel wrote outside its array of {length} elements");
        return all[start..(start + length)];
    }

    /// <inheritdoc/>
    public void AssertGuarded() => Read();

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();

    // By every bit: NaN equals NaN, but another one is another content.
    static List<int> Touched(ReadOnlySpan<T> actual, ReadOnlySpan<T> expected)
    {
        var touched = new List<int>();
        if (!MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes(expected)))
        {
            for (int i = 0; i < actual.Length; i++)
            {
                if (!MemoryMarshal.AsBytes(actual.Slice(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(expected.Slice(i, 1))))
                {
                    touched.Add(i);
                }
            }
        }
        return touched;
    }
}
