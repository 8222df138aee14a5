using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>The kernels of <see cref="FusedMlp"/>: the phases of a step, with a barrier between any two.</summary>
static class FusedKernels
{
    /// <summary>
    /// The losses of many examples, or the moments of a layer's linear map, normalized by the stored statistics: one kernel for both, since
    /// loading one takes longer than most of its launches. Each group takes whole batches.
    /// </summary>
    /// <typeparam name="TWorker">Who the workers are.</typeparam>
    /// <param name="operands">The network, with a scratch for each group, the examples and the results.</param>
    /// <param name="measured">The layer whose moments are asked for; the number of layers for the losses.</param>
    /// <param name="groupScratch">The scratch of a group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EvaluationKernel<TWorker>(FusedOperands operands, int measured, int groupScratch)
        where TWorker : struct, IFusedWorker<TWorker>
    {
        FusedShape shape = operands.Shape;
        var data = new ViewMemory(operands.Data, 0);
        int count = operands.Indices.IntLength;
        int worker = Group.IdxX / TWorker.Threads;
        int workers = Group.DimX / TWorker.Threads;
        TWorker work = TWorker.Of(operands, Grid.IdxX * groupScratch, worker, worker, workers);
        for (int first = Grid.IdxX * shape.Batch; first < count; first += Grid.DimX * shape.Batch)
        {
            int batch = IntrinsicMath.Min(shape.Batch, count - first);
            // Another worker may still read the last batch.
            GridBarrier.SyncGroup(workers);
            int tokens = shape.TokensOf(0);
            work.GatherBatch(data, new ViewMemory(operands.Indices, first), batch, tokens);
            // The embedding reads the tokens that other workers gathered.
            GridBarrier.SyncGroup(workers);
            work.Embed(batch, tokens);
            // A layer reads every feature of its input, which other workers embedded.
            GridBarrier.SyncGroup(workers);
            int x = shape.Input;
            for (int l = 0; l < measured; l++)
            {
                FusedLayer layer = operands.Layers[l];
                work.ForwardFixed(layer, x);
                x = layer.Y;
                // What comes next reads every feature of this layer, which other workers computed.
                GridBarrier.SyncGroup(workers);
            }
            if (measured == shape.Layers)
            {
                work.Loss(operands.Layers[shape.Layers - 1], batch, tokens, new ViewMemory(operands.Results, first));
            }
            else
            {
                FusedLayer layer = operands.Layers[measured];
                int features = TWorker.Padded(layer.Outputs);
                var means = new ViewMemory(operands.Results, first / shape.Batch * 2 * features);
                work.Measure(layer, x, batch, means, means.From(features));
            }
        }
    }

    /// <summary>Many steps of training, by one group of threads or by groups of warps.</summary>
    /// <typeparam name="TWorker">Who the workers are.</typeparam>
    /// <param name="operands">The network, the data and where the losses go.</param>
    /// <param name="barrierState">The state of the grid barrier.</param>
    /// <param name="workers">
    /// Workers of a group, known when the kernel is compiled: with one, the barriers and the worker's index fall away.
    /// </param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TrainingKernel<TWorker>(
        FusedOperands operands, GridBarrierState barrierState, SpecializedValue<int> workers, int steps, float learningRate)
        where TWorker : struct, IFusedWorker<TWorker>
    {
        int groups = TWorker.Threads == 1 ? 1 : Grid.DimX;
        int group = TWorker.Threads == 1 ? 0 : Grid.IdxX;
        int worker = workers.Value == 1 ? 0 : Group.IdxX / TWorker.Threads;
        TWorker work = TWorker.Of(operands, scratch: 0, worker, (group * workers.Value) + worker, groups * workers.Value);
        Train(work, operands, new GridBarrier(barrierState, workers.Value, groups), steps, learningRate);
    }

    /// <summary>
    /// Many steps of training of many networks of one shape, each by a group of its own, or by a thread of its own: nobody waits for
    /// another network. A group takes one network after another; a thread takes the next one that nobody has begun with, since one core may
    /// be faster than another.
    /// </summary>
    /// <typeparam name="TWorker">Who the workers are.</typeparam>
    /// <param name="networks">The networks, with a scratch for each group, the data and where the losses go.</param>
    /// <param name="workers">Workers of a network, known when the kernel is compiled: a thread is alone.</param>
    /// <param name="steps">How many steps.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NetworksKernel<TWorker>(FusedNetworks networks, SpecializedValue<int> workers, int steps)
        where TWorker : struct, IFusedWorker<TWorker>
    {
        int group = TWorker.Threads == 1 ? GridStride.First : Grid.IdxX;
        int worker = workers.Value == 1 ? 0 : Group.IdxX / TWorker.Threads;
        int network = TWorker.Threads == 1 ? Atomic.Add(ref networks.Begun[0], 1) : group;
        while (network < networks.Count)
        {
            FusedOperands operands = networks.Of(network, group, steps);
            TWorker work = TWorker.Of(operands, scratch: 0, worker, worker, workers.Value);
            Train(work, operands, new GridBarrier(default, workers.Value, Groups: 1), steps, networks.Settings[network].LearningRate);
            network = TWorker.Threads == 1 ? Atomic.Add(ref networks.Begun[0], 1) : network + Grid.DimX;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Train<TWorker>(in TWorker work, in FusedOperands operands, in GridBarrier barrier, int steps, float learningRate)
        where TWorker : struct, IFusedWorker<TWorker>
    {
        FusedShape shape = operands.Shape;
        ArrayView<FusedLayer> layers = TWorker.CopyToShared(operands.Layers);
        int generation = 0;
        var data = new ViewMemory(operands.Data, 0);
        work.GatherBatch(data, new ViewMemory(operands.Indices, 0), shape.Batch, shape.TokensOf(0));
        // The embedding reads the tokens that other workers gathered.
        generation = TWorker.Sync(barrier, generation);
        for (int step = 0; step < steps; step++)
        {
            // Phase 0.
            int tokens = shape.TokensOf(step);
            work.Embed(shape.Batch, tokens);
            work.AddTableL2();
            // A layer reads every feature of its input, which other workers embedded.
            generation = TWorker.Sync(barrier, generation);
            // Phases 1 to L.
            int x = shape.Input;
            for (int l = 0; l < shape.Layers; l++)
            {
                FusedLayer layer = layers[l];
                work.Forward(layer, x);
                x = layer.Y;
                // The next layer, or the loss, reads every feature of this one, which other workers computed.
                generation = TWorker.Sync(barrier, generation);
            }

            // Phase L + 1.
            FusedLayer above = layers[shape.Layers - 1];
            work.Loss(above, shape.Batch, tokens, work.Losses);
            if (step + 1 < steps)
            {
                // Few workers have losses to compute: the others gather the next batch.
                var next = new ViewMemory(operands.Indices, (step + 1) * shape.Batch);
                work.GatherBatch(data, next, shape.Batch, shape.TokensOf(step + 1));
            }
            // The backward pass reads every example's gradient, and the record every example's loss and all L2 losses.
            generation = TWorker.Sync(barrier, generation);
            if (above.Gain != FusedLayer.None)
            {
                work.BackwardLast(above, learningRate);
                // The layer below reads every feature of the gradient, which other workers computed.
                generation = TWorker.Sync(barrier, generation);
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
                    // No gradient needs these weights any more.
                    UpdateWeight(work.Skip(work.Parts(features)), layers, l + 2, learningRate);
                }
                // What is below reads every feature's gradient, and the table every part of the input's; the next forward pass reads the
                // weights.
                generation = TWorker.Sync(barrier, generation);
            }
            // The last phase.
            UpdateWeight(work, layers, layer: 0, learningRate);
            FusedLayer last = layers[shape.Layers - 1];
            if (last.Gain == FusedLayer.None)
            {
                // Its gradient is that of the loss, and nothing waited for its bias.
                work.Skip(work.WeightParts(layers[0])).BackwardLast(last, learningRate);
            }
            work.UpdateTable(tokens, learningRate);
            // The next step reads the table and overwrites the input.
            generation = TWorker.Sync(barrier, generation);
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
}
