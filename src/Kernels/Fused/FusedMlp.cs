using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Lanes;
using Training = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    Makemore.Gpu.Kernels.Fused.FusedOperands, Makemore.Gpu.Kernels.Fused.Arrivals, ILGPU.Runtime.SpecializedValue<int>, int, float>;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// Many steps of training in one launch: a persistent kernel whose workers walk together through the phases of a step, on a processor in one group, on a
/// GPU in groups on many multiprocessors. Nothing is launched, copied or waited for between steps. And the losses of many examples in one launch, of as
/// many groups as there are.
/// </summary>
public sealed class FusedMlp
{
    /// <summary>Threads of a group of warps that train.</summary>
    public const int GroupThreads = GroupLayer.Warps * WarpLanes.Lanes;

    /// <summary>The most layers of a network that warps train.</summary>
    public const int MostLayers = WarpTiles.MostLayers;

    readonly Launcher launcher;
    readonly Workspace arrivals;

    /// <summary>Prepares the kernels. Each is loaded when it is first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public FusedMlp(Launcher launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        this.launcher = launcher;
        arrivals = new Workspace(launcher);
    }

    Training ThreadTraining => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, Arrivals, SpecializedValue<int>, int, float>(TrainingKernel<FusedWorker<ThreadTiles>>);

    Training WarpTraining => field ??= Load(TrainingKernel<FusedWorker<WarpTiles>>);

    Training GroupTraining => field ??= Load(TrainingKernel<GroupWorker>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> ThreadEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(EvaluationKernel<ThreadTiles>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> WarpEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(EvaluationKernel<WarpTiles>, new KernelSpecialization(EvaluationThreads, null));

    int EvaluationThreads => Math.Min(launcher.Accelerator.MaxNumThreadsPerGroup / WarpLanes.Lanes, WarpTiles.MostWarps) * WarpLanes.Lanes;

    /// <summary>
    /// As many groups of warps as find work in the phases of the layers: one for each block of a layer's features, and for the weights that move meanwhile,
    /// those of two layers above.
    /// </summary>
    /// <param name="outputs">The features of each layer, from the first on.</param>
    public static int MostGroups(IReadOnlyList<int> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        int most = 1;
        for (int l = 0; l < outputs.Count; l++)
        {
            long weights = l + 2 < outputs.Count ? (long)Quotient(outputs[l + 2], WarpTiles.Features) * Quotient(outputs[l + 1], WarpTiles.Padding) : 0;
            most = (int)Math.Max(most, Math.Min(int.MaxValue, Quotient(outputs[l], GroupLayer.Warps) + Quotient(weights, GroupLayer.Warps)));
        }
        return most;

        static long Quotient(long value, int divisor) => (value + divisor - 1) / divisor;
    }

    /// <summary>Runs steps of training.</summary>
    /// <param name="operands">The network, the data and where the losses go; the parameters move.</param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="groups">Groups: of threads one; of warps no more than the device has multiprocessors, so that all are at work at once.</param>
    /// <param name="threads">Threads of a group, at most those for which the scratch was laid out; of warps always <see cref="GroupThreads"/>.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void Train(in FusedOperands operands, FusedForm form, int groups, int threads, int steps, float learningRate)
    {
        operands.Check();
        bool areWarps = form == FusedForm.Warps;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, areWarps ? launcher.Accelerator.NumMultiprocessors : 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(areWarps ? threads : GroupThreads, GroupThreads);
        var workers = SpecializedValue.New(areWarps ? threads / WarpLanes.Lanes : threads);
        ArrayView<int> arrived = arrivals.Take<int>(1);
        if (groups > 1)
        {
            arrived.MemSetToZero(launcher.Stream);
        }
        Training training = !areWarps ? ThreadTraining : operands.Shape.PaddedBatch == WarpLanes.Lanes ? GroupTraining : WarpTraining;
        training(launcher.Stream, new KernelConfig(groups, threads), operands, Arrivals.In(arrived), workers, steps, learningRate);
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

    Training Load(Action<FusedOperands, Arrivals, SpecializedValue<int>, int, float> kernel) =>
        launcher.Accelerator.LoadKernel(kernel, new KernelSpecialization(GroupThreads, null));

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
            int tokens = shape.TokensOf(0);
            work.TakeExamples(new ViewMemory(operands.Contexts, 0), new ViewMemory(operands.Targets, 0), new ViewMemory(operands.Indices, first), batch, tokens);
            // The embedding reads them.
            Wait(workers);
            work.Embed(batch, tokens);
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
                work.Loss(operands.Layers[shape.Layers - 1], batch, tokens, new ViewMemory(operands.Results, first));
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

    // The number of workers of a group is known when the kernel is compiled: with one, the barriers and the worker's index fall away.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TrainingKernel<TWorker>(FusedOperands operands, Arrivals arrivals, SpecializedValue<int> workers, int steps, float learningRate)
        where TWorker : struct, IFusedWorker<TWorker>
    {
        FusedShape shape = operands.Shape;
        int groups = TWorker.Threads == 1 ? 1 : Grid.DimX;
        int group = TWorker.Threads == 1 ? 0 : Grid.IdxX;
        int worker = workers.Value == 1 ? 0 : Group.IdxX / TWorker.Threads;
        TWorker work = TWorker.Of(operands, scratch: 0, worker, (group * workers.Value) + worker, groups * workers.Value);
        ArrayView<FusedLayer> layers = TWorker.Near(operands.Layers);
        var barrier = new WorkerBarrier(arrivals, workers.Value, groups);
        int arrived = 0;
        var contexts = new ViewMemory(operands.Contexts, 0);
        var targets = new ViewMemory(operands.Targets, 0);
        work.TakeExamples(contexts, targets, new ViewMemory(operands.Indices, 0), shape.Batch, shape.TokensOf(0));
        // The embedding reads them.
        arrived = TWorker.Meet(barrier, arrived);
        for (int step = 0; step < steps; step++)
        {
            int tokens = shape.TokensOf(step);
            work.Embed(shape.Batch, tokens);
            work.PenaliseTable();
            // A layer reads every feature of its input.
            arrived = TWorker.Meet(barrier, arrived);
            int x = shape.Input;
            for (int l = 0; l < shape.Layers; l++)
            {
                FusedLayer layer = layers[l];
                work.Forward(layer, x);
                x = layer.Y;
                // The next layer, or the loss, reads every feature of this one.
                arrived = TWorker.Meet(barrier, arrived);
            }

            FusedLayer above = layers[shape.Layers - 1];
            work.Loss(above, shape.Batch, tokens, work.Losses);
            if (step + 1 < steps)
            {
                // Few workers have losses to compute.
                work.TakeExamples(contexts, targets, new ViewMemory(operands.Indices, (step + 1) * shape.Batch), shape.Batch, shape.TokensOf(step + 1));
            }
            // The backward pass reads every example's gradient, and the record every example's loss and all penalties.
            arrived = TWorker.Meet(barrier, arrived);
            if (above.Gain != FusedLayer.None)
            {
                work.BackwardLast(above, learningRate);
                // The layer below reads every feature of the gradient.
                arrived = TWorker.Meet(barrier, arrived);
            }
            // From the layer below the last down to the input, which has number -1.
            for (int l = shape.Layers - 2; l >= -1; l--)
            {
                int features = shape.Inputs;
                if (l >= 0)
                {
                    FusedLayer layer = layers[l];
                    features = layer.Outputs;
                    work.Backward(layer, above, learningRate);
                    above = layer;
                }
                else
                {
                    work.PropagateToInput(above);
                    work.Record(new ViewMemory(operands.Results, step));
                }
                if (l + 2 < shape.Layers)
                {
                    // Weights move when no gradient needs them any more.
                    UpdateWeight(work.After(TWorker.Parts(features)), layers, l + 2, learningRate);
                }
                // What is below takes every feature's gradient, and the table every part of the input's.
                arrived = TWorker.Meet(barrier, arrived);
            }
            UpdateWeight(work, layers, layer: 0, learningRate);
            FusedLayer last = layers[shape.Layers - 1];
            if (last.Gain == FusedLayer.None)
            {
                // Its gradient was that of the loss all the time, and nothing waited for its bias.
                work.After(TWorker.WeightParts(layers[0])).BackwardLast(last, learningRate);
            }
            work.UpdateTable(tokens, learningRate);
            // The next step reads the table and writes over inputs.
            arrived = TWorker.Meet(barrier, arrived);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void UpdateWeight<TWorker>(in TWorker work, ArrayView<FusedLayer> layers, int layer, float learningRate)
        where TWorker : struct, IFusedWorker<TWorker>
    {
        FusedShape shape = work.Shape;
        FusedLayer below = layers[IntrinsicMath.Max(layer - 1, 0)];
        work.UpdateWeight(
            layers[layer], layer == 0 ? shape.Input : below.Y, layer == 0 ? shape.InputRows : below.Rows,
            layer == 0 ? shape.InputStride : below.RowStride, learningRate);
    }

    static void Wait(int workers)
    {
        if (workers > 1)
        {
            Group.Barrier();
        }
    }
}
