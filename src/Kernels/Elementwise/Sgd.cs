using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>
/// Stochastic gradient descent: w = w - learning rate · dw, for all parameters of a network at once. As the last kernel of a step it also
/// goes on to the next one.
/// Reference: <c>ReferenceOperations.Sgd</c>.
/// </summary>
public sealed class Sgd
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, float, ArrayView<StepState>> begin;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<StepState>, ArrayView<float>> update;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Sgd(Launcher launcher)
    {
        this.launcher = launcher;
        begin = launcher.Accelerator.LoadKernel<float, ArrayView<StepState>>(BeginKernel);
        update = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<StepState>, ArrayView<float>>(UpdateKernel);
    }

    /// <summary>Begins steps at a learning rate, with step 0.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="state">The step and the learning rate [1].</param>
    public void Begin(float learningRate, ArrayView<StepState> state)
    {
        ViewChecks.CheckLength(state, 1);
        begin(launcher.Stream, new KernelConfig(1, 1), learningRate, state);
    }

    /// <summary>w -= learning rate · dw, and step += 1.</summary>
    /// <param name="gradients">dw, any shape.</param>
    /// <param name="state">The step and the learning rate [1].</param>
    /// <param name="parameters">w, of the same shape; updated in place.</param>
    public void Update(ArrayView<float> gradients, ArrayView<StepState> state, ArrayView<float> parameters)
    {
        ViewChecks.CheckLength(gradients, parameters.Length);
        ViewChecks.CheckLength(state, 1);
        update(
            launcher.Stream, launcher.Shape.OverValues(parameters.IntLength), gradients, parameters.IntLength, launcher.Shape.ValuesPerThread, state,
            parameters);
    }

    // One thread.
    static void BeginKernel(float learningRate, ArrayView<StepState> state) => state[0] = new StepState(0, learningRate);

    // One thread for each few parameters. The first goes on to the next step: the others read the learning rate alone.
    static void UpdateKernel(ArrayView<float> gradients, int count, int values, ArrayView<StepState> state, ArrayView<float> parameters)
    {
        float learningRate = state[0].LearningRate;
        if (GridStride.First == 0)
        {
            state[0].Step++;
        }
        for (int first = GridStride.First * values, stride = GridStride.Stride * values; first < count; first += stride)
        {
            Tile.Run(new TileScaledAdd(-learningRate, new(gradients, first), new(parameters, first), IntrinsicMath.Min(values, count - first)));
        }
    }
}

/// <summary>
/// Where training stands, in device memory: a view of one such value is an argument of each kernel that treats one step otherwise than the
/// next. So the launches of every step are the same, and can be recorded once and replayed. <see cref="Sgd"/> moves it.
/// </summary>
/// <param name="Step">The step, from 0: which batch of the indices it takes, and which place of the record its loss.</param>
/// <param name="LearningRate">The learning rate.</param>
public record struct StepState(int Step, float LearningRate);
