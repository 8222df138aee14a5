using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Network;

/// <summary>A named part of a <see cref="TensorStore"/>: values on the device, and their gradient where the store has gradients.</summary>
public sealed class Tensor
{
    readonly TensorStore store;
    readonly int start;

    internal Tensor(TensorStore store, string name, int[] shape, int start)
    {
        this.store = store;
        this.start = start;
        Name = name;
        Shape = shape;
        Length = shape.Aggregate(1, (product, size) => checked(product * size));
    }

    /// <summary>The name, as it stands in model files and tables.</summary>
    public string Name { get; }

    /// <summary>The sizes, the outermost first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>How many values there are.</summary>
    public int Length { get; }

    /// <summary>The values on the device, row by row.</summary>
    public ArrayView<float> Data => store.Data.SubView(start, Length);

    /// <summary>The gradient of the values on the device.</summary>
    public ArrayView<float> Gradient => store.Gradients.SubView(start, Length);

    /// <summary>The first values on the device: the filled rows where a batch is smaller than the tensor was made for.</summary>
    /// <param name="length">How many.</param>
    public ArrayView<float> First(int length) => store.Data.SubView(start, length);

    /// <summary>Copies the values to the host and waits for them.</summary>
    public float[] ToArray() => store.ToArray(Data);

    /// <summary>Copies the gradient to the host and waits for it.</summary>
    public float[] GradientToArray() => store.ToArray(Gradient);

    /// <summary>Sets the values from the host.</summary>
    /// <param name="values">All values, row by row.</param>
    public void Set(float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Length, nameof(values));
        Data.CopyFromCPU(store.Stream, values);
        store.Stream.Synchronize();
    }
}

/// <summary>
/// Tensors side by side in one buffer on the device, and their gradients side by side in another: one launch can update all
/// parameters. Tensors are declared first; the buffers are made with the first use.
/// </summary>
/// <param name="accelerator">The accelerator.</param>
/// <param name="stream">The stream of all copies.</param>
/// <param name="withGradients">Whether there are gradients.</param>
public sealed class TensorStore(Accelerator accelerator, AcceleratorStream stream, bool withGradients) : IDisposable
{
    // ILGPU takes every view to begin at a multiple of 256 bytes.
    internal const int Alignment = 64;

    readonly List<Tensor> tensors = [];
    MemoryBuffer1D<float, Stride1D.Dense>? data;
    MemoryBuffer1D<float, Stride1D.Dense>? gradients;
    int length;

    /// <summary>The tensors in the order in which they were declared.</summary>
    public IReadOnlyList<Tensor> Tensors => tensors;

    /// <summary>The values of all tensors, with the padding between them.</summary>
    public ArrayView<float> Data => (data ??= Allocate()).View;

    /// <summary>The gradients of all tensors, laid out as <see cref="Data"/>; 0 in the padding.</summary>
    public ArrayView<float> Gradients => withGradients
        ? (gradients ??= Allocate()).View
        : throw new InvalidOperationException("these tensors have no gradients");

    internal AcceleratorStream Stream => stream;

    int BufferLength => Math.Max(length, 1);

    /// <summary>Declares a tensor. All must be declared before the first is used.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    public Tensor Add(string name, params int[] shape)
    {
        if (data is not null)
        {
            throw new InvalidOperationException("the buffers are made: declare all tensors before the first is used");
        }
        var tensor = new Tensor(this, name, shape, length);
        tensors.Add(tensor);
        length = checked(length + ((tensor.Length + Alignment - 1) / Alignment * Alignment));
        return tensor;
    }

    /// <summary>The memory of the values, or of the gradients, once they are used.</summary>
    /// <param name="name">What they are.</param>
    public PlannedBuffer Plan(string name) => PlannedBuffer.Of<float>(name, BufferLength);

    /// <inheritdoc/>
    public void Dispose()
    {
        data?.Dispose();
        gradients?.Dispose();
    }

    internal float[] ToArray(ArrayView<float> view)
    {
        var values = new float[view.Length];
        view.CopyToCPU(stream, values);
        stream.Synchronize();
        return values;
    }

    MemoryBuffer1D<float, Stride1D.Dense> Allocate()
    {
        MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D<float>(BufferLength);
        buffer.MemSetToZero(stream);
        return buffer;
    }
}
