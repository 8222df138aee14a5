using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A warp as a worker of a fused step: the form for a GPU and any batch. A warp GEMM takes either operand transposed as well as not, so all
/// scratch is by feature, and each warp owns whole features, weight tiles and table rows.
/// </summary>
/// <param name="Chains">What it has in common with a thread.</param>
readonly record struct WarpWorker(TileChains<WarpTileRunner> Chains) : IFusedWorker<WarpWorker>
{
    /// <summary>The most layers of a network: what fits the shared copy of the layer table.</summary>
    public const int MaxLayers = 64;

    public static int Threads => WarpLanes.Count;

    public FusedShape Shape => Chains.Shape;

    public ViewMemory Losses => Chains.Losses;

    int Stride => Chains.Stride;

    ViewMemory Parameters => Chains.Parameters;

    ViewMemory Scratch => Chains.Scratch;

    public static WarpWorker Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count) =>
        new(TileChains<WarpTileRunner>.Of(operands, scratch, indexInGroup, index, count));

    // L1 is invalidated at every grid barrier; shared memory is not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers)
    {
        ArrayView<FusedLayer> shared = SharedMemory.Allocate<FusedLayer>(MaxLayers);
        for (int l = Group.IdxX; l < layers.IntLength; l += Group.DimX)
        {
            shared[l] = layers[l];
        }
        // All threads read what each has written.
        Group.Barrier();
        return shared;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sync(in GridBarrier barrier, int generation) => barrier.SyncGrid(generation);

    public int Parts(int features) => Blocks(features);

    public int WeightParts(in FusedLayer layer) => Blocks(layer.Outputs) * WeightTiles(layer);

    public static int Padded(int length) => TileChains<WarpTileRunner>.Padded(length);

    public WarpWorker Skip(int parts) => new(Chains.Skip(parts));

    // From the last warp on: the first ones compute the losses meanwhile.
    public void GatherBatch(ViewMemory data, ViewMemory indices, int count, int tokens) =>
        Chains.GatherBatch(Chains.Count - 1 - Chains.Index, data, indices, count, tokens);

    public void Embed(int count, int tokens)
    {
        var table = new MatrixView(Parameters.From(Shape.Table), Shape.TableRow);
        for (int feature = Chains.Index; feature < Shape.Inputs; feature += Chains.Count)
        {
            WarpTileRunner.Run(new WarpEmbeddingGather(
                Scratch.From(tokens + (feature / Shape.Embedding * Stride)), table, Scratch.From(Shape.Input + (feature * Stride)), count,
                Stride, feature % Shape.Embedding));
        }
    }

    public void AddTableL2() => Chains.AddTableL2();

    public void AddLayerL2(in FusedLayer layer) => Chains.AddLayerL2(layer);

    public void Forward(in FusedLayer layer, int x)
    {
        Chains.AddLayerL2(layer);
        for (int first = Chains.Index * WarpTileRunner.Features; first < layer.Outputs; first += Chains.Count * WarpTileRunner.Features)
        {
            Chains.Forward(layer, first, IntrinsicMath.Min(WarpTileRunner.Features, layer.Outputs - first), x);
        }
    }

    public void ForwardFixed(in FusedLayer layer, int x) => Chains.ForwardFixed(layer, x);

    public void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares) =>
        Chains.Measure(layer, x, count, means, squares);

    public void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses) => Chains.Loss(last, count, tokens, losses);

    // The last warp has the least to do.
    public void Record(ViewMemory record) => Chains.Record(Chains.Count - 1, record);

    public void BackwardLast(in FusedLayer last, float learningRate) => Chains.BackwardLast(last, learningRate);

    public void Backward(in FusedLayer layer, in FusedLayer above, float learningRate) => Chains.Backward(layer, above, learningRate);

    public void PropagateToInput(in FusedLayer layer)
    {
        for (int first = Chains.Index * WarpTileRunner.Features; first < layer.Inputs; first += Chains.Count * WarpTileRunner.Features)
        {
            Chains.InputGradient(
                layer, first, IntrinsicMath.Min(WarpTileRunner.Features, layer.Inputs - first),
                firstExample: 0, Stride, Scratch.From(Shape.DInput + (first * Stride)));
        }
    }

    // A part is a tile of a block of features and as many inputs as there are lanes.
    public void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate)
    {
        MatrixView input = new MatrixView(Scratch.From(x), Stride).Transposed;
        int tiles = WeightTiles(layer);
        for (int part = Chains.Index; part < WeightParts(layer); part += Chains.Count)
        {
            int first = part / tiles * WarpTileRunner.Features;
            int column = part % tiles * WarpTileRunner.Padding;
            int features = IntrinsicMath.Min(WarpTileRunner.Features, layer.Outputs - first);
            var weight = new MatrixView(Parameters.From(layer.Weight + (first * layer.WeightRow) + column), layer.WeightRow);
            if (layer.L2.Weight != 0f)
            {
                TileChains<WarpTileRunner>.DecayWeights(weight, features, WarpTileRunner.Padding, layer.L2.Weight, learningRate);
            }
            WarpTileRunner.Run(new TileGemm(
                new MatrixView(Scratch.From(layer.DZ + (first * Stride)), Stride), input.From(0, column), weight,
                Float4.PaddedLength(features), WarpTileRunner.GemmK(Shape.Batch), WarpTileRunner.Padding, IsAdded: 1, -learningRate));
        }
    }

    // From the last warp on: the first ones have the weights. A part is one float4 of a row of the table.
    public void UpdateTable(int tokens, float learningRate)
    {
        ViewMemory table = Parameters.From(Shape.Table);
        int rowParts = Float4.PaddedLength(Shape.Embedding) / Float4.Count;
        for (int part = Chains.Count - 1 - Chains.Index; part < Shape.Vocabulary * rowParts; part += Chains.Count)
        {
            int token = part / rowParts;
            int column = part % rowParts * Float4.Count;
            int columns = IntrinsicMath.Min(Float4.Count, Shape.Embedding - column);
            ViewMemory row = table.From((token * Shape.TableRow) + column);
            if (Shape.TableL2 != 0f)
            {
                TileChains<WarpTileRunner>.DecayWeights(new MatrixView(row, Shape.TableRow), 1, columns, Shape.TableL2, learningRate);
            }
            WarpTileRunner.Run(new WarpEmbeddingUpdate(
                Scratch.From(Shape.DInput + (column * Stride)), Shape.Embedding * Stride, Scratch.From(tokens), Stride, row, columns, token,
                Shape.Batch, Shape.Context, learningRate));
        }
    }

    static int Blocks(int features) => (features + WarpTileRunner.Features - 1) / WarpTileRunner.Features;

    static int WeightTiles(in FusedLayer layer) => Padded(layer.Inputs) / WarpTileRunner.Padding;
}
