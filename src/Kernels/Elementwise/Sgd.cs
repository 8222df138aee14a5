using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>Stochastic gradient descent, for all parameters of a network in one launch.</summary>
/// <remarks>
/// <para>For W parameters w and their gradients dw:</para>
/// <code>
/// update      w -= learning rate · dw        [W]
///             step += 1, since this is the last kernel of a step
/// </code>
/// <para>Cost: reads w and dw and writes w, 2W reads and W writes; 2 floating-point operations a parameter.</para>
/// <para>
/// Runs as: <c>BeginKernel</c> of this class on every device; <see cref="CpuSgdUpdate"/> on the CPU accelerator and on OpenCL devices that
/// are processors, <c>GpuUpdateKernel</c> of this class on GPUs, both by <see cref="TileScaledAdd"/>. In the fused kernel there is no SGD
/// of its own: the operation that computes a gradient applies it.
/// </para>
/// <para>Reference: <c>ReferenceOperations.Sgd</c>.</para>
/// </remarks>
public sealed class Sgd
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, float, ArrayView<StepState>> begin;
    readonly WorkerKernel<CpuSgdUpdate> cpuUpdate;
    readonly Workspace ownState;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal Sgd(Launcher launcher)
    {
        this.launcher = launcher;
        begin = launcher.Accelerator.LoadKernel<float, ArrayView<StepState>>(BeginKernel);
        cpuUpdate = new WorkerKernel<CpuSgdUpdate>(launcher);
        ownState = new Workspace(launcher);
    }

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<StepState>, ArrayView<float>> GpuUpdate => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<StepState>, ArrayView<float>>(GpuUpdateKernel);

    /// <summary>Sets the learning rate, and the step to 0.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="state">The step and the learning rate [1].</param>
    internal void Begin(float learningRate, ArrayView<StepState> state)
    {
        ViewChecks.CheckLength(state, 1);
        begin(launcher.Stream, new KernelConfig(1, 1), learningRate, state);
    }

    /// <summary>w -= learning rate · dw, and step += 1.</summary>
    /// <param name="gradients">dw, any shape.</param>
    /// <param name="state">The step and the learning rate [1].</param>
    /// <param name="parameters">w, of the same shape; updated in place.</param>
    internal void Update(ArrayView<float> gradients, ArrayView<StepState> state, ArrayView<float> parameters)
    {
        ViewChecks.CheckLength(gradients, parameters.Length);
        ViewChecks.CheckLength(state, 1);
        if (launcher.Shape.IsGpu)
        {
            GpuUpdate(launcher.Stream, launcher.Over(parameters.IntLength), gradients, parameters.IntLength, state, parameters);
        }
        else
        {
            cpuUpdate.Launch(new(new(gradients, 0), new(state.Cast<float>(), 0), parameters.IntLength, new(parameters, 0)));
        }
    }

    /// <summary>w -= learning rate · dw.</summary>
    /// <param name="gradient">dw, any shape.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="parameter">w, of the same shape; updated in place.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Update(Tensor gradient, float learningRate, Tensor parameter)
    {
        TensorChecks.CheckSame(launcher, parameter, gradient);
        Update(gradient.Data, learningRate, parameter.Data);
    }

    /// <summary>w -= learning rate · dw.</summary>
    /// <param name="gradient">dw, any shape.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="parameter">w, of the same shape; updated in place.</param>
    internal void Update(ArrayView<float> gradient, float learningRate, ArrayView<float> parameter)
    {
        ArrayView<StepState> single = ownState.Take<StepState>(1);
        Begin(learningRate, single);
        Update(gradient, single, parameter);
    }

    // One thread.
    static void BeginKernel(float learningRate, ArrayView<StepState> state) => state[0] = new StepState(0, learningRate);

    // One thread for each parameter. The first thread increments the step, which is no race: the others read only the learning rate.
    static void GpuUpdateKernel(ArrayView<float> gradients, int count, ArrayView<StepState> state, ArrayView<float> parameters)
    {
        float learningRate = state[0].LearningRate;
        if (GridStride.First == 0)
        {
            state[0].Step++;
        }
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            Tile.Run(new TileScaledAdd(-learningRate, new(gradients, i), new(parameters, i), Count: 1));
        }
    }
}

/// <summary>
/// The state of training in device memory. Kernels that depend on the step take a view of it instead of an argument, so that the launches
/// of all steps are the same and can be recorded once and replayed. <see cref="Sgd"/> updates it.
/// </summary>
/// <param name="Step">The step, from 0: the index of its batch among the batches, and of its loss in the record.</param>
/// <param name="LearningRate">The learning rate.</param>
record struct StepState(int Step, float LearningRate);
