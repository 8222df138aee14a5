using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
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

    Worker Worker => new(Chains.Index, Chains.Count);

    // Two vectors of examples: tiles of one read more than they compute.
    Rectangle PartOf(int features) => Rectangle.Of(Worker, features, Stride, Examples, 2 * Examples);

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

    public int Parts(int features) => (features + Examples - 1) / Examples;

    public int WeightParts(in FusedLayer layer) => Parts(layer.Outputs);

    public static int Padded(int length) => TileChains<ThreadTileRunner>.Padded(length);

    // Threads share all work evenly, so that none has less of it than the others; and what a thread had before is in its cache.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ThreadWorker Skip(int parts) => this;

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
        if (layer.Gain == FusedLayer.None && layer.Activation == Activation.None && layer.Rows == FusedLayer.None)
        {
            // Nothing comes after the linear map: few features, such as logits, can be shared by examples, too.
            Rectangle part = PartOf(layer.Outputs);
            Chains.Linear(layer, part.Row, part.Rows, x, part.Column, part.Columns);
            return;
        }
        WorkBlocks blocks = Chains.BlocksOf(layer.Outputs);
        for (int first = blocks.First; first < blocks.End; first += blocks.Step)
        {
            int features = blocks.CountFrom(first);
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
        Rectangle part = PartOf(layer.Inputs);
        ViewMemory dInput = Scratch.From(Shape.DInput + (part.Row * Stride) + part.Column);
        Chains.InputGradient(layer, part.Row, part.Rows, part.Column, part.Columns, dInput);
        ThreadTileRunner.Run(new TileTranspose(
            new MatrixView(dInput, Stride),
            new MatrixView(Scratch.From(Shape.DInputRows + (part.Column * Shape.InputStride) + part.Row), Shape.InputStride),
            Padded(part.Rows), part.Columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate)
    {
        int inputs = Padded(layer.Inputs);
        MatrixView input = rows == FusedLayer.None
            ? new MatrixView(Scratch.From(x), Stride).Transposed
            : new MatrixView(Scratch.From(rows), rowStride);
        // What this worker has in its cache: of its inputs what it computed as outputs of the layer below, of the first layer its outputs.
        bool isFirst = x == Shape.Input;
        (int row, int rowEnd) = isFirst ? Worker.Share(layer.Outputs, Examples) : (0, layer.Outputs);
        (int column, int columnEnd) = isFirst ? (0, inputs) : Worker.Share(inputs, Examples);
        var weight = new MatrixView(Parameters.From(layer.Weight + (row * layer.WeightRow) + column), layer.WeightRow);
        if (layer.L2.Weight != 0f)
        {
            TileChains<ThreadTileRunner>.DecayWeights(weight, rowEnd - row, columnEnd - column, layer.L2.Weight, learningRate);
        }
        var product = new TileGemm(
            new MatrixView(Scratch.From(layer.DZ + (row * Stride)), Stride), input.From(0, column), weight,
            Float4.PaddedLength(rowEnd - row), Shape.Batch, columnEnd - column, IsAdded: 1, -learningRate);
        Chains.Multiply(product, inputs);
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
