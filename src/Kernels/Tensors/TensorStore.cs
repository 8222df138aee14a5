using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tensors;

/// <summary>
/// Tensors side by side in one buffer on the device, and their gradients side by side in another: one launch can update all
/// parameters. Tensors are declared first; the buffers are made with the first use.
/// </summary>
/// <param name="launcher">The device, and the stream of all copies.</param>
/// <param name="withGradients">Whether there are gradients.</param>
sealed class TensorStore(Launcher launcher, bool withGradients) : IDisposable
{
    // ILGPU takes every view to begin at a multiple of 256 bytes.
    internal const int Alignment = 64;

    readonly List<Tensor> tensors = [];
    MemoryBuffer1D<float, Stride1D.Dense>? data;
    MemoryBuffer1D<float, Stride1D.Dense>? gradients;
    bool isDisposed;
    int length;

    /// <summary>The tensors in the order in which they were declared.</summary>
    public IReadOnlyList<Tensor> Tensors => tensors;

    /// <summary>The device.</summary>
    public Accelerator Accelerator => launcher.Accelerator;

    /// <summary>Whether there are gradients.</summary>
    public bool HasGradients => withGradients;

    /// <summary>Whether it is the memory of a single tensor, which owns it.</summary>
    public bool IsOfOne { get; private init; }

    /// <summary>The values of all tensors, with the padding between them.</summary>
    public ArrayView<float> Data => View(ref data);

    /// <summary>The gradients of all tensors, laid out as <see cref="Data"/>; 0 in the padding.</summary>
    public ArrayView<float> Gradients => withGradients
        ? View(ref gradients)
        : throw new InvalidOperationException("these tensors have no gradients");

    int BufferLength => Math.Max(length, 1);

    /// <summary>A tensor that owns its memory, all values 0.</summary>
    /// <param name="launcher">The device, and the stream of all copies.</param>
    /// <param name="shape">Its sizes, each at least 1.</param>
    /// <exception cref="ArgumentException">A size is below 1, or there are too many values.</exception>
    public static Tensor Single(Launcher launcher, int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Length == 0 || shape.Any(size => size < 1) || shape.Aggregate(1L, (product, size) => product * size) > int.MaxValue)
        {
            throw new ArgumentException(
                $"the shape is [{string.Join(", ", shape)}], and must have sizes from 1 and at most {int.MaxValue} values", nameof(shape));
        }
        var store = new TensorStore(launcher, withGradients: false) { IsOfOne = true };
        return store.Add("", [.. shape]);
    }

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

    /// <summary>Copies values to the host and waits for them.</summary>
    /// <param name="view">The values.</param>
    public float[] ToArray(ArrayView<float> view)
    {
        var values = new float[view.Length];
        view.CopyToCPU(launcher.Stream, values);
        launcher.Stream.Synchronize();
        return values;
    }

    /// <summary>Copies values from the host and waits until they are there.</summary>
    /// <param name="view">Where they go.</param>
    /// <param name="values">The values, as many.</param>
    public void Set(ArrayView<float> view, float[] values)
    {
        view.CopyFromCPU(launcher.Stream, values);
        launcher.Stream.Synchronize();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        isDisposed = true;
        data?.Dispose();
        gradients?.Dispose();
    }

    ArrayView<float> View(ref MemoryBuffer1D<float, Stride1D.Dense>? buffer)
    {
        ObjectDisposedException.ThrowIf(isDisposed || launcher.Accelerator.IsDisposed, typeof(Tensor));
        if (buffer is null)
        {
            buffer = launcher.Accelerator.Allocate1D<float>(BufferLength);
            buffer.MemSetToZero(launcher.MemoryStream);
        }
        return buffer.View;
    }
}
