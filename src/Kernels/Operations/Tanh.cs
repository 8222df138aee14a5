using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Operations;

/// <summary>
/// The activation y = tanh(x), and its backward pass dx = (1 - y²)·dy: the derivative needs only the output.
/// Reference: <c>ReferenceOperations.Tanh</c>, <c>ReferenceOperations.TanhBackward</c>.
/// </summary>
public sealed class Tanh
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int, ArrayView<float>> backward;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Tanh(Launcher launcher)
    {
        this.launcher = launcher;
        forward = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>>(ForwardKernel);
        backward = launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, int, int, ArrayView<float>>(BackwardKernel);
    }

    /// <summary>y = tanh(x).</summary>
    /// <param name="x">x, any shape.</param>
    /// <param name="y">y, of the same shape; may be x itself.</param>
    public void Forward(ArrayView<float> x, ArrayView<float> y)
    {
        Shape.Check(y, x.Length);
        forward(launcher.Stream, launcher.Shape.OverValues(x.IntLength), x, x.IntLength, launcher.Shape.ThreadValues, y);
    }

    /// <summary>dx = (1 - y²)·dy.</summary>
    /// <param name="y">The output of <see cref="Forward"/>.</param>
    /// <param name="dy">The gradient of y.</param>
    /// <param name="dx">The gradient of x; may be dy itself.</param>
    public void Backward(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx)
    {
        Shape.Check(dy, y.Length);
        Shape.Check(dx, y.Length);
        backward(launcher.Stream, launcher.Shape.OverValues(y.IntLength), y, dy, y.IntLength, launcher.Shape.ThreadValues, dx);
    }

    // One thread for each few values.
    static void ForwardKernel(ArrayView<float> x, int count, int values, ArrayView<float> y)
    {
        for (int first = Work.First * values, stride = Work.Stride * values; first < count; first += stride)
        {
            Tile.Run(new TanhForward(new(x, first), new(y, first), IntrinsicMath.Min(values, count - first)));
        }
    }

    // One thread for each few values.
    static void BackwardKernel(ArrayView<float> y, ArrayView<float> dy, int count, int values, ArrayView<float> dx)
    {
        for (int first = Work.First * values, stride = Work.Stride * values; first < count; first += stride)
        {
            Tile.Run(new TanhBackward(new(y, first), new(dy, first), new(dx, first), IntrinsicMath.Min(values, count - first)));
        }
    }
}
