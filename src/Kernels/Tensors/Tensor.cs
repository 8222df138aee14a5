using ILGPU;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Tensors;

/// <summary>
/// Single-precision values on a device, with their shape: a matrix, a vector, or values of any number of dimensions, row by row.
/// </summary>
/// <remarks>
/// <para>
/// A tensor of one's own, from <c>ComputeDevice</c>, owns its memory and gives it back when it is disposed. One of a network is a
/// part of the network's memory, and lives as long as that: disposing it does nothing.
/// </para>
/// <example>
/// <code>
/// using var device = ComputeDevice.Open();
/// using Tensor x = device.Tensor([2, 3], [1, 2, 3, 4, 5, 6]);
/// Console.WriteLine($"{string.Join(" x ", x.Shape)}: {string.Join(' ', x.ToArray())}");
/// </code>
/// </example>
/// </remarks>
public sealed class Tensor : IDisposable
{
    readonly TensorStore store;
    readonly int start;

    internal Tensor(TensorStore store, string name, int[] shape, int start)
    {
        this.store = store;
        this.start = start;
        Name = name;
        Shape = Array.AsReadOnly(shape);
        Length = shape.Aggregate(1, (product, size) => checked(product * size));
    }

    /// <summary>The name, as it stands in model files and tables; of a tensor of one's own nothing.</summary>
    public string Name { get; }

    /// <summary>The sizes, the outermost first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>How many values there are.</summary>
    public int Length { get; }

    /// <summary>The device that the values are on.</summary>
    public Accelerator Accelerator => store.Accelerator;

    /// <summary>Whether disposing it gives memory back; else a network owns the memory.</summary>
    public bool OwnsMemory => store.IsOfOne;

    /// <summary>Whether there is a <see cref="Gradient"/>.</summary>
    public bool HasGradient => store.HasGradients;

    /// <summary>The values on the device, row by row, for kernels of one's own.</summary>
    /// <exception cref="ObjectDisposedException">Their memory was given back.</exception>
    public ArrayView<float> Data => store.Data.SubView(start, Length);

    /// <summary>The gradient of the values on the device, laid out as they are.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    /// <exception cref="ObjectDisposedException">Its memory was given back.</exception>
    public ArrayView<float> Gradient => store.Gradients.SubView(start, Length);

    /// <summary>Copies the values to the host and waits for them, and so for everything that was launched before.</summary>
    public float[] ToArray() => store.ToArray(Data);

    /// <summary>Copies the gradient to the host and waits for it.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public float[] GradientToArray() => store.ToArray(Gradient);

    /// <summary>Sets the values from the host.</summary>
    /// <param name="values">All values, row by row.</param>
    /// <exception cref="ArgumentException">They are not as many as the tensor has.</exception>
    public void Set(params float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != Length)
        {
            throw new ArgumentException($"{values.Length} values were given, and the shape {this} has {Length}", nameof(values));
        }
        store.Set(Data, values);
    }

    /// <summary>Gives the memory back, where the tensor owns it. It may come before or after the end of its device.</summary>
    public void Dispose()
    {
        if (OwnsMemory)
        {
            store.Dispose();
        }
    }

    /// <summary>The shape, as in [2, 3].</summary>
    public override string ToString() => $"[{string.Join(", ", Shape)}]";

    /// <summary>The first values on the device: the filled rows where a batch is smaller than the tensor was made for.</summary>
    /// <param name="length">How many.</param>
    internal ArrayView<float> First(int length) => store.Data.SubView(start, length);
}
