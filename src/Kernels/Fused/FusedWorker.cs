using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>A worker's part of each phase as a chain of tile operations.</summary>
/// <remarks>
/// A thread wants rows of neighboring features where it sums over examples, and lays them down by transposing. A warp takes either side of a product
/// transposed as well as not, and all its memory is by feature.
/// </remarks>
/// <typeparam name="TTiles">Who runs the tile operations: a thread or a warp.</typeparam>
/// <param name="Shape">The sizes and places.</param>
/// <param name="Constants">The constants of all normalizations.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Scratch">The scratch of a batch.</param>
/// <param name="WorkerScratch">This worker's room for sums.</param>
/// <param name="Index">This worker.</param>
/// <param name="Count">How many there are.</param>
readonly record struct FusedWorker<TTiles>(
    FusedShape Shape, BatchNormConstants Constants, ViewMemory Parameters, ViewMemory Scratch, ViewMemory WorkerScratch, int Index, int Count)
    : IFusedWorker<FusedWorker<TTiles>>
    where TTiles : struct, IWorkerTiles
{
    static int Features => TTiles.Features;

    // Examples of a block.
    static int Examples => TTiles.Padding;

    int Stride => Shape.PaddedBatch;

    public static int Threads => TTiles.Threads;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sync(in GridBarrier barrier, int arrived) => TTiles.Sync(barrier, arrived);

    public ViewMemory Losses => Scratch.From(Shape.Losses);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers) => TTiles.CopyToShared(layers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FusedWorker<TTiles> Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count)
    {
        var memory = new ViewMemory(operands.Scratch, scratch);
        ViewMemory room = TTiles.GroupScratch(memory.From(operands.Shape.ThreadScratch)).From(indexInGroup * TTiles.ScratchSize);
        return new(operands.Shape, operands.Constants, new ViewMemory(operands.Parameters, 0), memory, room, index, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FusedWorker<TTiles> Skip(int parts) => this with { Index = (Index + Count - (parts % Count)) % Count };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void GatherBatch(ViewMemory contexts, ViewMemory targets, ViewMemory indices, int count, int tokens)
    {
        // The first warps have the losses meanwhile.
        for (int first = (TTiles.Threads == 1 ? Index : Count - 1 - Index) * Examples; first < count; first += Count * Examples)
        {
            TTiles.Run(new TileBatchGather(
                contexts, targets, indices.From(first), Scratch.From(tokens + first), Stride, IntrinsicMath.Min(Examples, count - first), Shape.Context));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Embed(int count, int tokens)
    {
        var table = new MatrixView(Parameters.From(Shape.Table), Shape.TableRow);
        for (int first = Index * Examples; TTiles.Threads == 1 && first < count; first += Count * Examples)
        {
            int examples = IntrinsicMath.Min(Examples, count - first);
            var rows = new MatrixView(Scratch.From(Shape.InputRows + (first * Shape.InputStride)), Shape.InputStride);
            TTiles.Run(new TileEmbeddingGather(table, Scratch.From(tokens + first), Stride, rows, examples, Shape.Context, Shape.Embedding));
            TTiles.Run(new TileTranspose(rows, new MatrixView(Scratch.From(Shape.Input + first), Stride), Examples, Padded(Shape.Inputs)));
        }
        for (int feature = Index; TTiles.Threads > 1 && feature < Shape.Inputs; feature += Count)
        {
            TTiles.Run(new WarpEmbeddingGather(
                Scratch.From(tokens + (feature / Shape.Embedding * Stride)), table, Scratch.From(Shape.Input + (feature * Stride)), count, Stride,
                feature % Shape.Embedding));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddTableL2()
    {
        if (Index == 0 && Shape.TableL2 != 0f)
        {
            AddL2(Shape.Table, Shape.Vocabulary * Shape.TableRow, Shape.TableL2, Shape.L2Losses);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(in FusedLayer layer, int x)
    {
        AddWeightL2(layer);
        for (int first = Index * Features; first < layer.Outputs; first += Count * Features)
        {
            Forward(layer, first, IntrinsicMath.Min(Features, layer.Outputs - first), x);
        }
    }

    /// <summary>Keeps the penalty of a layer's weights, λ·Σw², a value for each block of features.</summary>
    /// <param name="layer">The layer.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddWeightL2(in FusedLayer layer)
    {
        for (int first = Index * Features; layer.L2 != 0f && first < layer.Outputs; first += Count * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            AddL2(layer.Weight + (first * layer.WeightRow), features * layer.WeightRow, layer.L2, layer.L2Losses + (first / Features));
        }
    }

    /// <summary>A layer forward for evaluation, normalized by the stored statistics.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ForwardFixed(in FusedLayer layer, int x)
    {
        for (int first = Index * Features; first < layer.Outputs; first += Count * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            ViewMemory y = Scratch.From(layer.Y + (first * Stride));
            Linear(layer, first, features, x, z);
            if (layer.Gain != FusedLayer.None)
            {
                TTiles.Run(new TileBatchNormFixed(
                    z, y, Parameters.From(layer.Gain + first), Parameters.From(layer.Shift + first), Parameters.From(layer.RunningMean + first),
                    Parameters.From(layer.RunningVariance + first), WorkerScratch, Constants, features, Stride));
            }
            if (layer.Activation == Activation.Tanh)
            {
                TTiles.Run(new TileTanhForward(y, y, features * Stride));
            }
        }
    }

    /// <summary>The moments over the batch of a layer's linear map, which is what its normalization is given.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input [inputs, P].</param>
    /// <param name="count">How many examples the batch holds.</param>
    /// <param name="means">Where the means go [outputs, padded].</param>
    /// <param name="squares">Where the sums of squared differences go [outputs, padded].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares)
    {
        for (int first = Index * Features; first < layer.Outputs; first += Count * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            ViewMemory z = Scratch.From(layer.Z + (first * Stride));
            Linear(layer, first, features, x, z);
            TTiles.Run(new TileMoments(z, means.From(first), squares.From(first), WorkerScratch, features, count, Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses)
    {
        for (int first = Index * TTiles.LossExamples; first < count; first += Count * TTiles.LossExamples)
        {
            TTiles.Run(new TileSoftmaxCrossEntropy(
                Scratch.From(last.Y + first), Scratch.From(tokens + (Shape.Context * Stride) + first), losses.From(first),
                Scratch.From(last.DZ + first), Shape.Vocabulary, count - first, TTiles.LossExamples, count, Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Record(ViewMemory record)
    {
        // Of threads the first: what another thread than a group's first does alone, PoCL does not do between these barriers. The last warp has the least to do.
        if (Index == (TTiles.Threads == 1 ? 0 : Count - 1))
        {
            TTiles.Run(new TileBatchLoss(Scratch.From(Shape.Losses), Shape.Batch, Scratch.From(Shape.L2Losses), Shape.L2LossCount, record));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void BackwardLast(in FusedLayer last, float learningRate)
    {
        for (int first = Index * Features; first < last.Outputs; first += Count * Features)
        {
            Backward(last, first, IntrinsicMath.Min(Features, last.Outputs - first), learningRate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(in FusedLayer layer, in FusedLayer above, float learningRate)
    {
        for (int first = Index * Features; first < layer.Outputs; first += Count * Features)
        {
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            InputGradient(above, first, features, Scratch.From(layer.DZ + (first * Stride)));
            Backward(layer, first, features, learningRate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PropagateToInput(in FusedLayer layer)
    {
        int block = TTiles.Threads == 1 ? Examples : Features;
        for (int first = Index * block; first < layer.Inputs; first += Count * block)
        {
            ViewMemory dInput = Scratch.From(Shape.DInput + (first * Stride));
            InputGradient(layer, first, IntrinsicMath.Min(block, layer.Inputs - first), dInput);
            if (TTiles.Threads == 1)
            {
                TTiles.Run(new TileTranspose(
                    new MatrixView(dInput, Stride), new MatrixView(Scratch.From(Shape.DInputRows + first), Shape.InputStride), Examples, Stride));
            }
        }
    }

    public static int WeightParts(in FusedLayer layer) => Blocks(layer.Outputs) * WeightTiles(layer);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate)
    {
        MatrixView input = TTiles.Threads == 1
            ? new MatrixView(Scratch.From(rows), rowStride)
            : new MatrixView(Scratch.From(x), Stride).Transposed;
        int tiles = WeightTiles(layer);
        int columns = TTiles.Threads == 1 ? Padded(layer.Inputs) : TTiles.Padding;
        for (int part = Index; part < WeightParts(layer); part += Count)
        {
            int first = part / tiles * Features;
            int column = part % tiles * columns;
            int features = IntrinsicMath.Min(Features, layer.Outputs - first);
            var weight = new MatrixView(Parameters.From(layer.Weight + (first * layer.WeightRow) + column), layer.WeightRow);
            if (layer.L2 != 0f)
            {
                DecayWeights(weight, features, columns, layer.L2, learningRate);
            }
            TTiles.Run(new TileGemm(
                new MatrixView(Scratch.From(layer.DZ + (first * Stride)), Stride), input.From(0, column), weight, ToFloat4s(features), Depth(Shape.Batch), columns,
                IsAdded: 1, -learningRate));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UpdateTable(int tokens, float learningRate)
    {
        ViewMemory table = Parameters.From(Shape.Table);
        ViewMemory places = Scratch.From(tokens);
        if (TTiles.Threads > 1)
        {
            // From the last worker on: the first ones have the weights.
            int fours = ToFloat4s(Shape.Embedding) / Float4.Count;
            for (int part = Count - 1 - Index; part < Shape.Vocabulary * fours; part += Count)
            {
                int token = part / fours;
                int column = part % fours * Float4.Count;
                int columns = IntrinsicMath.Min(Float4.Count, Shape.Embedding - column);
                ViewMemory row = table.From((token * Shape.TableRow) + column);
                if (Shape.TableL2 != 0f)
                {
                    DecayWeights(new MatrixView(row, Shape.TableRow), 1, columns, Shape.TableL2, learningRate);
                }
                TTiles.Run(new WarpEmbeddingUpdate(
                    Scratch.From(Shape.DInput + (column * Stride)), Shape.Embedding * Stride, places, Stride, row, columns, token, Shape.Batch, Shape.Context,
                    learningRate));
            }
        }
        else if (Index == 0)
        {
            if (Shape.TableL2 != 0f)
            {
                DecayWeights(new MatrixView(table, Shape.TableRow), Shape.Vocabulary, Shape.TableRow, Shape.TableL2, learningRate);
            }
            TTiles.Run(new TileEmbeddingUpdate(
                new MatrixView(Scratch.From(Shape.DInputRows), Shape.InputStride), places, Stride, new MatrixView(table, Shape.TableRow), Shape.Batch,
                Shape.Context, Shape.Embedding, learningRate));
        }
    }

    public static int Parts(int features) => Blocks(features);

    /// <summary>A length with its padding.</summary>
    /// <param name="length">The length.</param>
    public static int Padded(int length) => (length + TTiles.Padding - 1) / TTiles.Padding * TTiles.Padding;

    /// <summary>To whole fours: the rows of a product are best so. Those of the padding hold 0 and are computed to be 0.</summary>
    /// <param name="rows">How many rows.</param>
    public static int ToFloat4s(int rows) => (rows + 3) / 4 * 4;

    /// <summary>How far a product goes along the depth: padding holds 0, so that warps multiply by whole fours.</summary>
    /// <param name="depth">The depth.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Depth(int depth) => TTiles.Threads == 1 ? depth : ToFloat4s(depth);

    // Some features of a layer forward.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Forward(in FusedLayer layer, int first, int features, int x)
    {
        ViewMemory z = Scratch.From(layer.Z + (first * Stride));
        ViewMemory y = Scratch.From(layer.Y + (first * Stride));
        Linear(layer, first, features, x, z);
        if (layer.Gain != FusedLayer.None)
        {
            TTiles.Run(new TileBatchNormForward(
                z, y, Parameters.From(layer.Gain + first), Parameters.From(layer.Shift + first), Scratch.From(layer.InverseDeviation + first),
                Parameters.From(layer.RunningMean + first), Parameters.From(layer.RunningVariance + first), WorkerScratch, Constants, features, Shape.Batch, Stride));
        }
        if (layer.Activation == Activation.Tanh)
        {
            TTiles.Run(new TileTanhForward(y, y, features * Stride));
        }
        if (TTiles.Threads == 1 && layer.Rows != FusedLayer.None)
        {
            TTiles.Run(new TileTranspose(
                new MatrixView(y, Stride), new MatrixView(Scratch.From(layer.Rows + first), layer.RowStride), Padded(features), Stride));
        }
    }

    // From the gradient of some features' results to that of their linear map.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Backward(in FusedLayer layer, int first, int features, float learningRate)
    {
        ViewMemory dz = Scratch.From(layer.DZ + (first * Stride));
        if (layer.Activation == Activation.Tanh)
        {
            TTiles.Run(new TileTanhBackward(Scratch.From(layer.Y + (first * Stride)), dz, dz, features * Stride));
        }
        if (layer.Gain != FusedLayer.None)
        {
            TTiles.Run(new TileBatchNormBackward(
                Scratch.From(layer.Z + (first * Stride)), Scratch.From(layer.InverseDeviation + first), dz, Parameters.From(layer.Gain + first),
                Parameters.From(layer.Shift + first), WorkerScratch, learningRate, features, Shape.Batch, Stride));
        }
        if (layer.Bias != FusedLayer.None)
        {
            TTiles.Run(new TileBiasUpdate(dz, Parameters.From(layer.Bias + first), learningRate, features, Stride, WorkerScratch));
        }
    }

    static int Blocks(int features) => (features + Features - 1) / Features;

    static int WeightTiles(in FusedLayer layer) => TTiles.Threads == 1 ? 1 : Padded(layer.Inputs) / TTiles.Padding;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Linear(in FusedLayer layer, int first, int features, int x, ViewMemory z)
    {
        TTiles.Run(new TileGemm(
            new MatrixView(Parameters.From(layer.Weight + (first * layer.WeightRow)), layer.WeightRow), new MatrixView(Scratch.From(x), Stride),
            new MatrixView(z, Stride), ToFloat4s(features), Depth(layer.Inputs), Stride));
        if (layer.Bias != FusedLayer.None)
        {
            TTiles.Run(new TileBiasForward(Parameters.From(layer.Bias + first), z, features, Stride));
        }
    }

    // Keeps the penalty of some weights, λ·Σw². Padding holds 0, which adds nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void AddL2(int weights, int count, float l2, int penalty) =>
        TTiles.Run(new TileSumOfSquares(l2, Parameters.From(weights), count, Scratch.From(penalty), WorkerScratch));

    // Moves some weights by -learning rate · the gradient of their penalty, 2λ·w.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void DecayWeights(MatrixView weights, int rows, int columns, float l2, float learningRate)
    {
        for (int row = 0; row < rows; row++)
        {
            ViewMemory values = weights.From(row, 0).Memory;
            TTiles.Run(new TileScaledAdd(-2f * l2 * learningRate, values, values, columns));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void InputGradient(in FusedLayer layer, int first, int features, ViewMemory dx)
    {
        TTiles.Run(new TileGemm(
            new MatrixView(Parameters.From(layer.Weight + first), layer.WeightRow).Transposed, new MatrixView(Scratch.From(layer.DZ), Stride),
            new MatrixView(dx, Stride), ToFloat4s(features), Depth(layer.Outputs), Stride));
    }
}
