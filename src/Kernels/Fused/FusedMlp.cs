using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// Many steps of training in one launch: a persistent kernel of one group, whose workers walk together through the phases of a step. Nothing
/// leaves the nearest caches from one phase to the next, and nothing is launched, copied or waited for between steps. And the losses of many
/// examples in one launch, of as many groups as there are.
/// </summary>
public sealed class FusedMlp
{
    // Warps of a group of evaluation: enough for a multiprocessor, and more groups are left for the others.
    const int EvaluationWarps = 8;

    readonly Launcher launcher;

    /// <summary>Prepares the kernels. Each is loaded when it is first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public FusedMlp(Launcher launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        this.launcher = launcher;
    }

    // Keeps registers within what so large a group has.
    KernelSpecialization LargestGroup => new(MostThreads(launcher.Accelerator.Device), null);

    Action<AcceleratorStream, KernelConfig, FusedOperands, SpecializedValue<int>, int, float> ThreadTraining => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, SpecializedValue<int>, int, float>(TrainingKernel<ThreadTiles>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, SpecializedValue<int>, int, float> WarpTraining => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, SpecializedValue<int>, int, float>(TrainingKernel<WarpTiles>, LargestGroup);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> ThreadEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(EvaluationKernel<ThreadTiles>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> WarpEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(EvaluationKernel<WarpTiles>, new KernelSpecialization(EvaluationThreads, null));

    int EvaluationThreads => Math.Min(MostThreads(launcher.Accelerator.Device), EvaluationWarps * WarpLanes.Lanes);

    /// <summary>The most threads of a group of warps: whole warps, within the device's limit and the kernel's.</summary>
    /// <param name="device">The device.</param>
    public static int MostThreads(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Math.Min(device.MaxNumThreadsPerGroup / WarpLanes.Lanes, WarpTiles.MostWarps) * WarpLanes.Lanes;
    }

    /// <summary>Runs steps of training by one group.</summary>
    /// <param name="operands">The network, the data and where the losses go; the parameters move.</param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="threads">Threads of the group: of threads at most those for which the scratch was laid out, of warps whole ones.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void Train(in FusedOperands operands, FusedForm form, int threads, int steps, float learningRate)
    {
        operands.Check();
        bool areWarps = form != FusedForm.Threads;
        var workers = SpecializedValue.New(areWarps ? threads / WarpLanes.Lanes : threads);
        (areWarps ? WarpTraining : ThreadTraining)(launcher.Stream, new KernelConfig(1, threads), operands, workers, steps, learningRate);
    }

    /// <summary>The loss of each of many examples, normalised by the stored statistics. Each group takes whole batches.</summary>
    /// <param name="operands">The network, with a scratch for each group; the examples, and room for <see cref="FusedLayout.MostPadding"/> more losses.</param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="groups">How many groups.</param>
    public void Losses(in FusedOperands operands, FusedForm form, int groups)
    {
        Shape.Check(operands.Results, operands.Indices.Length + FusedLayout.MostPadding);
        Evaluate(operands, form, operands.Shape.Layers, groups);
    }

    /// <summary>
    /// For each batch of many examples, the moments of a layer's linear map, with the layers below normalised by the stored statistics: the mean
    /// of each feature, and the sum of the squared differences from it. Each group takes whole batches.
    /// </summary>
    /// <param name="operands">
    /// The network, with a scratch for each group; the examples, in batches of N, the last one as small as it comes; and room for the means and then the
    /// sums of each batch [batches, 2, padded features].
    /// </param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="layer">Which linear layer, from 0.</param>
    /// <param name="groups">How many groups.</param>
    public void Moments(in FusedOperands operands, FusedForm form, int layer, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, operands.Shape.Layers);
        Evaluate(operands, form, layer, groups);
    }

    void Evaluate(in FusedOperands operands, FusedForm form, int measured, int groups)
    {
        operands.Check();
        (var evaluation, int threads) = form == FusedForm.Threads ? (ThreadEvaluation, 1) : (WarpEvaluation, EvaluationThreads);
        evaluation(launcher.Stream, new KernelConfig(groups, threads), operands, measured, operands.Scratch.IntLength / groups);
    }

    // One kernel for both: loading one takes longer than most of its launches.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void EvaluationKernel<TTiles>(FusedOperands operands, int measured, int groupScratch)
        where TTiles : struct, ITiles
    {
        FusedShape shape = operands.Shape;
        int count = operands.Indices.IntLength;
        int worker = Group.IdxX / TTiles.Threads;
        int workers = Group.DimX / TTiles.Threads;
        var work = FusedWorker<TTiles>.Of(operands, Grid.IdxX * groupScratch, worker, worker, workers);
        for (int first = Grid.IdxX * shape.Batch; first < count; first += Grid.DimX * shape.Batch)
        {
            int batch = IntrinsicMath.Min(shape.Batch, count - first);
            // The last batch is still being read.
            Wait(workers);
            work.Embed(new ViewMemory(operands.Contexts, 0), new ViewMemory(operands.Targets, 0), new ViewMemory(operands.Indices, first), batch);
            // A layer reads every feature of its input.
            Wait(workers);
            int x = shape.Input;
            for (int l = 0; l < measured; l++)
            {
                FusedLayer layer = operands.Layers[l];
                work.ForwardFixed(layer, x);
                x = layer.Y;
                // What comes next reads every feature of this layer.
                Wait(workers);
            }
            if (measured == shape.Layers)
            {
                work.Loss(operands.Layers[shape.Layers - 1], batch, new ViewMemory(operands.Results, first));
            }
            else
            {
                FusedLayer layer = operands.Layers[measured];
                int features = FusedWorker<TTiles>.Padded(layer.Outputs);
                var means = new ViewMemory(operands.Results, first / shape.Batch * 2 * features);
                work.Measure(layer, x, batch, means, means.From(features));
            }
        }
    }

    // One group. The number of workers is known when the kernel is compiled: with one, the barriers and the worker's index fall away.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TrainingKernel<TTiles>(FusedOperands operands, SpecializedValue<int> workers, int steps, float learningRate)
        where TTiles : struct, ITiles
    {
        FusedShape shape = operands.Shape;
        int worker = workers.Value == 1 ? 0 : Group.IdxX / TTiles.Threads;
        var work = FusedWorker<TTiles>.Of(operands, scratch: 0, worker, worker, workers.Value);
        var contexts = new ViewMemory(operands.Contexts, 0);
        var targets = new ViewMemory(operands.Targets, 0);
        for (int step = 0; step < steps; step++)
        {
            work.Embed(contexts, targets, new ViewMemory(operands.Indices, step * shape.Batch), shape.Batch);
            work.PenaliseTable();
            // A layer reads every feature of its input.
            Wait(workers.Value);
            int x = shape.Input;
            for (int l = 0; l < shape.Layers; l++)
            {
                FusedLayer layer = operands.Layers[l];
                work.Forward(layer, x);
                x = layer.Y;
                // The next layer, or the loss, reads every feature of this one.
                Wait(workers.Value);
            }

            FusedLayer above = operands.Layers[shape.Layers - 1];
            work.Loss(above, shape.Batch, work.Scratch.From(shape.Losses));
            // The backward pass reads every example's gradient, and the record every example's loss and all penalties.
            Wait(workers.Value);
            work.Record(new ViewMemory(operands.Results, step));
            work.Backward(above, learningRate);
            for (int l = shape.Layers - 2; l >= 0; l--)
            {
                // A gradient comes from every feature of the layer above.
                Wait(workers.Value);
                FusedLayer layer = operands.Layers[l];
                work.Propagate(layer, above);
                work.Backward(layer, learningRate);
                above = layer;
            }
            // The input's gradient comes from every feature of the first layer.
            Wait(workers.Value);
            work.PropagateToInput(above);
            // Weights move only when no gradient needs them any more; the table takes every part of the input's gradient.
            Wait(workers.Value);
            x = shape.Input;
            int rows = shape.InputRows;
            int rowStride = shape.InputStride;
            for (int l = 0; l < shape.Layers; l++)
            {
                FusedLayer layer = operands.Layers[l];
                work.UpdateWeight(layer, x, rows, rowStride, learningRate);
                x = layer.Y;
                rows = layer.Rows;
                rowStride = layer.RowStride;
            }
            work.UpdateTable(learningRate);
            // The next step reads the table and writes over tokens and inputs.
            Wait(workers.Value);
        }
    }

    static void Wait(int workers)
    {
        if (workers > 1)
        {
            Group.Barrier();
        }
    }
}
