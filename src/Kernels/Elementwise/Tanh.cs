using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>The activation tanh, value by value, and its gradient.</summary>
/// <remarks>
/// <para>For x of any shape, such as [N, H]:</para>
/// <code>
/// forward     y = tanh(x)             [N, H]
/// backward    dx = (1 - y²)·dy        [N, H]        from the output alone
/// </code>
/// <para>
/// Cost: forward NH reads and NH writes, about 25 floating-point operations a value (<see cref="LaneMath.Tanh"/>); backward 2NH reads and
/// NH writes, 3 operations.
/// </para>
/// <para>
/// Runs as: <c>CpuForwardKernel</c> and <c>CpuBackwardKernel</c> of this class, by <see cref="TileTanhForward"/> and
/// <see cref="TileTanhBackward"/>, on the CPU accelerator and on OpenCL devices that are processors; <c>GpuForwardKernel</c> and
/// <c>GpuBackwardKernel</c> on GPUs. The fused kernel, by threads and by warps, runs the tile operations; by warp groups it runs
/// <c>WarpGroupLayer</c>. The lecture's small steps use this class.
/// </para>
/// <para>Reference: <c>ReferenceOperations.Tanh</c>, <c>ReferenceOperations.TanhBackward</c>.</para>
/// </remarks>
public sealed class Tanh
{
    readonly Launcher launcher;
    readonly LaneForms<Action<ArrayView<float>, ArrayView<float>>> gpuForward;
    readonly LaneForms<Action<ArrayView<float>, ArrayView<float>, ArrayView<float>>> gpuBackward;

    /// <summary>The activation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    public Tanh(Launcher launcher)
    {
        this.launcher = launcher;
        gpuForward = new(LoadForward<Quad>, LoadForward<Scalar>);
        gpuBackward = new(LoadBackward<Quad>, LoadBackward<Scalar>);
    }

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>> CpuForward => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>>(CpuForwardKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int, ArrayView<float>> CpuBackward => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, int, int, ArrayView<float>>(CpuBackwardKernel);

    /// <summary>y = tanh(x).</summary>
    /// <param name="x">x, any shape.</param>
    /// <param name="y">y, of the same shape; may be x itself.</param>
    public void Forward(ArrayView<float> x, ArrayView<float> y)
    {
        ViewChecks.CheckLength(y, x.Length);
        if (launcher.Shape.IsGpu)
        {
            gpuForward.For(x, y)(x, y);
        }
        else
        {
            CpuForward(launcher.Stream, launcher.Shape.OverValues(x.IntLength), x, x.IntLength, launcher.Shape.ValuesPerThread, y);
        }
    }

    /// <summary>dx = (1 - y²)·dy.</summary>
    /// <param name="y">The output of <see cref="Forward"/>.</param>
    /// <param name="dy">The gradient of y.</param>
    /// <param name="dx">The gradient of x; may be dy itself.</param>
    public void Backward(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx)
    {
        ViewChecks.CheckLength(dy, y.Length);
        ViewChecks.CheckLength(dx, y.Length);
        if (launcher.Shape.IsGpu)
        {
            gpuBackward.For(y, dy, dx)(y, dy, dx);
        }
        else
        {
            CpuBackward(launcher.Stream, launcher.Shape.OverValues(y.IntLength), y, dy, y.IntLength, launcher.Shape.ValuesPerThread, dx);
        }
    }

    Action<ArrayView<float>, ArrayView<float>> LoadForward<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, int, ArrayView<T>>(GpuForwardKernel);
        return (x, y) =>
        {
            int count = x.IntLength / T.Count;
            kernel(launcher.Stream, launcher.Over(count), x.As<T>(), count, y.As<T>());
        };
    }

    Action<ArrayView<float>, ArrayView<float>, ArrayView<float>> LoadBackward<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<T>, int, ArrayView<T>>(GpuBackwardKernel);
        return (y, dy, dx) =>
        {
            int count = y.IntLength / T.Count;
            kernel(launcher.Stream, launcher.Over(count), y.As<T>(), dy.As<T>(), count, dx.As<T>());
        };
    }

    // One thread of a GPU for each value, or for each four neighbors.
    static void GpuForwardKernel<T>(ArrayView<T> x, int count, ArrayView<T> y)
        where T : unmanaged, ILanes<T>
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            y[i] = LaneMath.Tanh(x[i]);
        }
    }

    // One thread of a GPU for each value, or for each four neighbors.
    static void GpuBackwardKernel<T>(ArrayView<T> y, ArrayView<T> dy, int count, ArrayView<T> dx)
        where T : unmanaged, ILanes<T>
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            T output = y[i];
            dx[i] = (T.Broadcast(1f) - (output * output)) * dy[i];
        }
    }

    // One thread of a processor for each run of neighboring values.
    static void CpuForwardKernel(ArrayView<float> x, int count, int values, ArrayView<float> y)
    {
        for (int first = GridStride.First * values, stride = GridStride.Stride * values; first < count; first += stride)
        {
            Tile.Run(new TileTanhForward(new(x, first), new(y, first), IntrinsicMath.Min(values, count - first)));
        }
    }

    // One thread of a processor for each run of neighboring values.
    static void CpuBackwardKernel(ArrayView<float> y, ArrayView<float> dy, int count, int values, ArrayView<float> dx)
    {
        for (int first = GridStride.First * values, stride = GridStride.Stride * values; first < count; first += stride)
        {
            Tile.Run(new TileTanhBackward(new(y, first), new(dy, first), new(dx, first), IntrinsicMath.Min(values, count - first)));
        }
    }
}
