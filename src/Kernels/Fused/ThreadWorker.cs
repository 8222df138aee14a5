using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A thread as a worker of a fused step: the form for processors, with one group of few threads. A tile GEMM by vectors reads rows of B, so
/// where a sum goes over the examples (dW, the table) a thread also keeps the transpose: an example in each row.
/// </summary>
/// <param name="Chains">What it has in common with a warp.</param>
readonly record struct ThreadWorker(TileChains<ThreadTileRunner> Chains) : IFusedWorker<ThreadWorker>
{
    public static int Threads => 1;

    public FusedShape Shape => Chains.Shape;

    public ViewMemory Losses => Chains.Losses;

    // Examples of a block.
    static int Examples => ThreadTileRunner.Padding;

    int Stride => Chains.Stride;

    ViewMemory Parameters => Chains.Parameters;

    ViewMemory Scratch => Chains.Scratch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadWorker Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count) =>
        new(TileChains<ThreadTileRunner>.Of(operands, scratch, indexInGroup, index, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers) => layers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sync(in GridBarrier barrier, int generation)
    {
        return barrier.SyncThreads(generation);
    }

    public int Parts(int features) => Chains.Blocks(features);

    public int WeightParts(in FusedLayer layer) => Chains.Blocks(layer.Outputs);

    public static int Padded(int length) => TileChains<ThreadTileRunner>.Padded(length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ThreadWorker Skip(int parts) => new(Chains.Skip(parts));

    public void GatherBatch(ViewMemory data, ViewMemory indices, int count, int tokens) =>
        Chains.GatherBatch(Chains.Index, data, indices, count, tokens);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Embed(int count, int tokens)
    {
        var table = new MatrixView(Parameters.From(Shape.Table), Shape.TableRow);
        for (int first = Chains.Index * Examples; first < count; first += Chains.Count * Examples)
        {
            int examples = IntrinsicMath.Min(Examples, count - first);
            var rows = new MatrixView(Scratch.From(Shape.InputRows + (first * Shape.InputStride)), Shape.InputStride);
            ThreadTileRunner.Run(new TileEmbeddingGather(
                table, Scratch.From(tokens + first), Stride, rows, examples, Shape.Context, Shape.Embedding));
            ThreadTileRunner.Run(new TileTranspose(
                rows, new MatrixView(Scratch.From(Shape.Input + first), Stride), Examples, Padded(Shape.Inputs)));
        }
    }

    public void AddTableL2() => Chains.AddTableL2();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(in FusedLayer layer, int x)
    {
        Chains.AddLayerL2(layer);
        for (int first = Chains.Index * Chains.Features; first < layer.Outputs; first += Chains.Count * Chains.Features)
        {
            int features = IntrinsicMath.Min(Chains.Features, layer.Outputs - first);
            Chains.Forward(layer, first, features, x);
            if (layer.Rows != FusedLayer.None)
            {
                ThreadTileRunner.Run(new TileTranspose(
                    new MatrixView(Scratch.From(layer.Y + (first * Stride)), Stride),
                    new MatrixView(Scratch.From(layer.Rows + first), layer.RowStride), Padded(features), Stride));
            }
        }
    }

    public void ForwardFixed(in FusedLayer layer, int x) => Chains.ForwardFixed(layer, x);

    public void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares) =>
        Chains.Measure(layer, x, count, means, squares);

    public void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses) => Chains.Loss(last, count, tokens, losses);

    // The first thread: what another one does alone, PoCL drops between these barriers.
    public void Record(ViewMemory record) => Chains.Record(worker: 0, record);

    public void BackwardLast(in FusedLayer last, float learningRate) => Chains.BackwardLast(last, learningRate);

    public void Backward(in FusedLayer layer, in FusedLayer above, float learningRate) => Chains.Backward(layer, above, learningRate);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PropagateToInput(in FusedLayer layer)
    {
        for (int first = Chains.Index * Examples; first < layer.Inputs; first += Chains.Count * Examples)
        {
            ViewMemory dInput = Scratch.From(Shape.DInput + (first * Stride));
            Chains.InputGradient(layer, first, IntrinsicMath.Min(Examples, layer.Inputs - first), dInput);
            ThreadTileRunner.Run(new TileTranspose(
                new MatrixView(dInput, Stride), new MatrixView(Scratch.From(Shape.DInputRows + first), Shape.InputStride), Examples,
                Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate)
    {
        var input = new MatrixView(Scratch.From(rows), rowStride);
        int columns = Padded(layer.Inputs);
        for (int block = Chains.Index; block < WeightParts(layer); block += Chains.Count)
        {
            int first = block * Chains.Features;
            int features = IntrinsicMath.Min(Chains.Features, layer.Outputs - first);
            var weight = new MatrixView(Parameters.From(layer.Weight + (first * layer.WeightRow)), layer.WeightRow);
            if (layer.L2.Weight != 0f)
            {
                TileChains<ThreadTileRunner>.DecayWeights(weight, features, columns, layer.L2.Weight, learningRate);
            }
            ThreadTileRunner.Run(new TileGemm(
                new MatrixView(Scratch.From(layer.DZ + (first * Stride)), Stride), input, weight, Float4.PaddedLength(features),
                Shape.Batch, columns, IsAdded: 1, -learningRate));
        }
    }

    // The first thread alone, example by example: a table is small, and one order needs no atomics.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateTable(int tokens, float learningRate)
    {
        if (Chains.Index != 0)
        {
            return;
        }
        var table = new MatrixView(Parameters.From(Shape.Table), Shape.TableRow);
        if (Shape.TableL2 != 0f)
        {
            TileChains<ThreadTileRunner>.DecayWeights(table, Shape.Vocabulary, Shape.TableRow, Shape.TableL2, learningRate);
        }
        ThreadTileRunner.Run(new TileEmbeddingUpdate(
            new MatrixView(Scratch.From(Shape.DInputRows), Shape.InputStride), Scratch.From(tokens), Stride, table, Shape.Batch,
            Shape.Context, Shape.Embedding, learningRate));
    }
}
