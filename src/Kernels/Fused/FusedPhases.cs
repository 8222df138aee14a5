using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Lanes;
using Makemore.Gpu.Kernels.Operations;
using PhaseLaunch = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, Makemore.Gpu.Kernels.Fused.FusedOperands,
    ILGPU.ArrayView<Makemore.Gpu.Kernels.Operations.StepState>, int>;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A step of training by warps all over the GPU: the same phases as those of <see cref="FusedMlp"/>, and a launch wherever every warp must wait for all
/// others, 2·layers + 3 in all. What moves weights is launched together with what no longer reads them. Which step it is and the learning rate lie in
/// device memory, so that the launches of every step are the same, and can be recorded.
/// </summary>
public sealed class FusedPhases
{
    // A warp for each of the parts that a multiprocessor's schedulers have: few enough that a small layer is spread over many multiprocessors.
    const int GroupWarps = 4;

    readonly Launcher launcher;
    readonly PhaseLaunch embed;
    readonly PhaseLaunch forward;
    readonly PhaseLaunch loss;
    readonly PhaseLaunch backward;
    readonly PhaseLaunch input;
    readonly PhaseLaunch update;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public FusedPhases(Launcher launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        this.launcher = launcher;
        embed = Load(EmbedKernel, GroupWarps);
        forward = Load(ForwardKernel, GroupWarps);
        loss = Load(LossKernel, LossWarps);
        backward = Load(BackwardKernel, GroupWarps);
        input = Load(InputKernel, GroupWarps);
        update = Load(UpdateKernel, GroupWarps);
    }

    // The loss is one group's: its last layer's gradient takes every example.
    int LossWarps => Math.Min(launcher.Accelerator.MaxNumThreadsPerGroup / WarpLanes.Lanes, 16);

    /// <summary>How many launches a step takes.</summary>
    /// <param name="layers">How many linear layers the network has.</param>
    public static int Launches(int layers) => (2 * layers) + 3;

    /// <summary>Launches one step, and goes on to the next.</summary>
    /// <param name="operands">The network, the data and where the losses go; the parameters move.</param>
    /// <param name="layers">The layer table once more, for the host.</param>
    /// <param name="state">The step and the learning rate [1].</param>
    public void Train(in FusedOperands operands, IReadOnlyList<FusedLayer> layers, ArrayView<StepState> state)
    {
        ArgumentNullException.ThrowIfNull(layers);
        operands.Check();
        Shape.Check(state, 1);
        FusedShape shape = operands.Shape;
        Launch(embed, shape.Inputs, operands, state, layer: 0);
        for (int l = 0; l < layers.Count; l++)
        {
            Launch(forward, Blocks(layers[l].Outputs), operands, state, l);
        }
        loss(launcher.Stream, new KernelConfig(1, LossWarps * WarpLanes.Lanes), operands, state, 0);
        for (int l = layers.Count - 2; l >= 0; l--)
        {
            int updated = l + 2 < layers.Count ? layers[l + 2].Outputs : 0;
            Launch(backward, Blocks(Math.Max(layers[l].Outputs, updated)), operands, state, l);
        }
        Launch(input, Blocks(Math.Max(layers[0].Inputs, layers.Count > 1 ? layers[1].Outputs : 0)), operands, state, layer: 0);
        Launch(update, Math.Max(Blocks(layers[0].Outputs), shape.Vocabulary), operands, state, layer: 0);
    }

    static int Blocks(int features) => (features + WarpTiles.Features - 1) / WarpTiles.Features;

    PhaseLaunch Load(Action<FusedOperands, ArrayView<StepState>, int> kernel, int warps) =>
        launcher.Accelerator.LoadKernel(kernel, new KernelSpecialization(warps * WarpLanes.Lanes, null));

    // A warp for each part of the work, as far as there are so many.
    void Launch(PhaseLaunch phase, int parts, in FusedOperands operands, ArrayView<StepState> state, int layer)
    {
        int groups = Math.Min((parts + GroupWarps - 1) / GroupWarps, launcher.Shape.MaxGroups);
        phase(launcher.Stream, new KernelConfig(groups, GroupWarps * WarpLanes.Lanes), operands, state, layer);
    }

    static FusedWorker<WarpTiles> Worker(in FusedOperands operands)
    {
        int warp = Group.IdxX / WarpLanes.Lanes;
        int warps = Group.DimX / WarpLanes.Lanes;
        return FusedWorker<WarpTiles>.Of(operands, scratch: 0, warp, (Grid.IdxX * warps) + warp, Grid.DimX * warps);
    }

    static void EmbedKernel(FusedOperands operands, ArrayView<StepState> state, int layer)
    {
        FusedWorker<WarpTiles> work = Worker(operands);
        int batch = operands.Shape.Batch;
        work.Embed(
            new ViewMemory(operands.Contexts, 0), new ViewMemory(operands.Targets, 0), new ViewMemory(operands.Indices, state[0].Step * batch), batch);
        work.PenaliseTable();
    }

    static void ForwardKernel(FusedOperands operands, ArrayView<StepState> state, int layer) =>
        Worker(operands).Forward(operands.Layers[layer], layer == 0 ? operands.Shape.Input : operands.Layers[layer - 1].Y);

    // One group.
    static void LossKernel(FusedOperands operands, ArrayView<StepState> state, int layer)
    {
        FusedWorker<WarpTiles> work = Worker(operands);
        FusedLayer last = operands.Layers[operands.Shape.Layers - 1];
        work.Loss(last, operands.Shape.Batch, work.Scratch.From(operands.Shape.Losses));
        // The backward pass reads every example's gradient, and the record every example's loss.
        Group.Barrier();
        work.Record(new ViewMemory(operands.Results, state[0].Step));
        work.Backward(last, state[0].LearningRate);
    }

    // No gradient needs the weights of the layer above the one above any more.
    static void BackwardKernel(FusedOperands operands, ArrayView<StepState> state, int layer)
    {
        FusedWorker<WarpTiles> work = Worker(operands);
        float learningRate = state[0].LearningRate;
        FusedLayer own = operands.Layers[layer];
        FusedLayer above = operands.Layers[layer + 1];
        work.Propagate(own, above);
        work.Backward(own, learningRate);
        if (layer + 2 < operands.Shape.Layers)
        {
            work.UpdateWeight(operands.Layers[layer + 2], above.Y, FusedLayer.None, 0, learningRate);
        }
    }

    static void InputKernel(FusedOperands operands, ArrayView<StepState> state, int layer)
    {
        FusedWorker<WarpTiles> work = Worker(operands);
        FusedLayer first = operands.Layers[0];
        work.PropagateToInput(first);
        if (operands.Shape.Layers > 1)
        {
            work.UpdateWeight(operands.Layers[1], first.Y, FusedLayer.None, 0, state[0].LearningRate);
        }
    }

    static void UpdateKernel(FusedOperands operands, ArrayView<StepState> state, int layer)
    {
        FusedWorker<WarpTiles> work = Worker(operands);
        float learningRate = state[0].LearningRate;
        work.UpdateWeight(operands.Layers[0], operands.Shape.Input, FusedLayer.None, 0, learningRate);
        work.UpdateTable(learningRate);
        // Nothing in this launch reads the step.
        if (Work.First == 0)
        {
            state[0].Step++;
        }
    }
}
