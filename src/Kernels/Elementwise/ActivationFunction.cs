using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>An activation, value by value, and its gradient.</summary>
/// <remarks>
/// <para>For x of any shape, such as [N, H]:</para>
/// <code>
/// forward     tanh        y = tanh(x)              backward    dx = (1 - y²)·dy
///             relu        y = max(0, x)                        dx = dy where y is above 0, else 0
///             sigmoid     y = 1 / (1 + e^-x)                   dx = y·(1 - y)·dy
///             gelu        y = x·Φ(x)                           dx = (Φ(x) + x·φ(x))·dy
/// </code>
/// <para>
/// Φ and φ are distribution function and density of the standard normal distribution. The gradient comes from the output alone, but for
/// gelu, whose gradient comes from the input (<see cref="ActivationExtensions.SlopeTakesInput"/>).
/// </para>
/// <para>
/// Cost: forward NH reads and NH writes, about 25 floating-point operations a value with tanh (<see cref="LaneMath.Tanh"/>); backward 2NH
/// reads and NH writes, 3 operations with tanh.
/// </para>
/// <para>
/// Runs as: <see cref="CpuActivationForward"/> and <see cref="CpuActivationBackward"/>, by <see cref="TileActivationForward"/> and
/// <see cref="TileActivationBackward"/>, on the CPU accelerator and on OpenCL devices that are processors; <c>GpuForwardKernel</c> and
/// <c>GpuBackwardKernel</c> of this class on GPUs. The fused kernel, by threads and by warps, runs the tile operations; by warp groups it
/// runs <c>WarpGroupLayer</c>. The lecture's small steps use this class.
/// </para>
/// <para>Reference: <c>ReferenceOperations.Activate</c>, <c>ReferenceOperations.ActivateBackward</c>.</para>
/// </remarks>
public sealed class ActivationFunction
{
    readonly Launcher launcher;
    readonly Activation activation;
    readonly WorkerKernel<CpuActivationForward> cpuForward;
    readonly WorkerKernel<CpuActivationBackward> cpuBackward;
    readonly LaneForms<Action<ArrayView<float>, ArrayView<float>>> gpuForward;
    readonly LaneForms<Action<ArrayView<float>, ArrayView<float>, ArrayView<float>>> gpuBackward;

    /// <summary>The activation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    /// <param name="activation">Which.</param>
    internal ActivationFunction(Launcher launcher, Activation activation)
    {
        this.launcher = launcher;
        this.activation = activation;
        cpuForward = new WorkerKernel<CpuActivationForward>(launcher);
        cpuBackward = new WorkerKernel<CpuActivationBackward>(launcher);
        gpuForward = new(LoadForward<Quad>, LoadForward<Scalar>);
        gpuBackward = new(LoadBackward<Quad>, LoadBackward<Scalar>);
    }

    /// <summary>y from x.</summary>
    /// <param name="x">x, any shape.</param>
    /// <param name="y">y, of the same shape; may be x itself.</param>
    internal void Forward(ArrayView<float> x, ArrayView<float> y)
    {
        ViewChecks.CheckLength(y, x.Length);
        if (launcher.Shape.IsGpu)
        {
            gpuForward.For(x, y)(x, y);
        }
        else
        {
            cpuForward.Launch(new(activation, new(x, 0), x.IntLength, new(y, 0)));
        }
    }

    /// <summary>dx = dy/dx · dy.</summary>
    /// <param name="source">
    /// The output y of the forward pass; or its input x, where <see cref="ActivationExtensions.SlopeTakesInput"/> says so.
    /// </param>
    /// <param name="dy">The gradient of y.</param>
    /// <param name="dx">The gradient of x; may be dy itself.</param>
    internal void Backward(ArrayView<float> source, ArrayView<float> dy, ArrayView<float> dx)
    {
        ViewChecks.CheckLength(dy, source.Length);
        ViewChecks.CheckLength(dx, source.Length);
        if (launcher.Shape.IsGpu)
        {
            gpuBackward.For(source, dy, dx)(source, dy, dx);
        }
        else
        {
            cpuBackward.Launch(new(activation, new(source, 0), new(dy, 0), source.IntLength, new(dx, 0)));
        }
    }

    /// <summary>y from x.</summary>
    /// <param name="x">x, any shape.</param>
    /// <param name="y">y, of the same shape; may be x itself.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Forward(Tensor x, Tensor y)
    {
        TensorChecks.CheckSame(launcher, x, y);
        Forward(x.Data, y.Data);
    }

    /// <summary>dx = dy/dx · dy.</summary>
    /// <param name="source">The output y of the forward pass; with <see cref="Activation.Gelu"/> its input x.</param>
    /// <param name="dy">The gradient of y.</param>
    /// <param name="dx">The gradient of x; may be dy itself.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Backward(Tensor source, Tensor dy, Tensor dx)
    {
        TensorChecks.CheckSame(launcher, source, dy);
        TensorChecks.CheckSame(launcher, source, dx);
        Backward(source.Data, dy.Data, dx.Data);
    }

    Action<ArrayView<float>, ArrayView<float>> LoadForward<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, Activation, int, ArrayView<T>>(GpuForwardKernel);
        return (x, y) =>
        {
            int count = x.IntLength / T.Count;
            kernel(launcher.Stream, launcher.Over(count), x.As<T>(), activation, count, y.As<T>());
        };
    }

    Action<ArrayView<float>, ArrayView<float>, ArrayView<float>> LoadBackward<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, ArrayView<T>, Activation, int, ArrayView<T>>(GpuBackwardKernel);
        return (source, dy, dx) =>
        {
            int count = source.IntLength / T.Count;
            kernel(launcher.Stream, launcher.Over(count), source.As<T>(), dy.As<T>(), activation, count, dx.As<T>());
        };
    }

    // One thread of a GPU for each value, or for each quad of them.
    static void GpuForwardKernel<T>(ArrayView<T> x, Activation activation, int count, ArrayView<T> y)
        where T : unmanaged, ILanes<T>
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            y[i] = ActivationMath.Value(activation, x[i]);
        }
    }

    // One thread of a GPU for each value, or for each quad of them.
    static void GpuBackwardKernel<T>(ArrayView<T> source, ArrayView<T> dy, Activation activation, int count, ArrayView<T> dx)
        where T : unmanaged, ILanes<T>
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            dx[i] = ActivationMath.Slope(activation, source[i]) * dy[i];
        }
    }
}
