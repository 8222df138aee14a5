using ILGPU;
using Makemore.Gpu.Kernels.Lanes;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A warp's part of each phase for a batch of one vector, where the four warps of a group compute together: see <see cref="GroupLayer"/>. The group
/// multiplies for four features at a time, and the warp goes on with one of them. Embedding, loss and updates are those of warps by themselves.
/// </summary>
/// <param name="Alone">The warp by itself.</param>
/// <param name="Exchange">Where the warps of a group exchange values.</param>
readonly record struct GroupWorker(FusedWorker<WarpTiles> Alone, ViewMemory Exchange) : IFusedWorker<GroupWorker>
{
    // A row of lanes for each feature of a block, from each warp.
    const int ExchangeSize = GroupLayer.Warps * GroupLayer.Warps * WarpLanes.Lanes;

    /// <inheritdoc/>
    public static int Threads => WarpTiles.Threads;

    /// <inheritdoc/>
    public FusedShape Shape => Alone.Shape;

    /// <inheritdoc/>
    public ViewMemory Losses => Alone.Losses;

    ViewMemory Parameters => Alone.Parameters;

    ViewMemory Scratch => Alone.Scratch;

    int Warp => Alone.Index % GroupLayer.Warps;

    /// <inheritdoc/>
    public static GroupWorker Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count) => new(
        FusedWorker<WarpTiles>.Of(operands, scratch, indexInGroup, index, count), new(SharedMemory.Allocate<float>(ExchangeSize), 0));

    /// <inheritdoc/>
    public static ArrayView<FusedLayer> Near(ArrayView<FusedLayer> layers) => WarpTiles.Near(layers);

    /// <inheritdoc/>
    public static int Meet(in WorkerBarrier barrier, int arrived) => WarpTiles.Meet(barrier, arrived);

    /// <inheritdoc/>
    public static int Parts(int features) => FusedWorker<WarpTiles>.Fours(features);

    /// <inheritdoc/>
    public static int WeightParts(in FusedLayer layer) => FusedWorker<WarpTiles>.WeightParts(layer);

    /// <inheritdoc/>
    public GroupWorker After(int parts) => this with { Alone = Alone.After(parts) };

    /// <inheritdoc/>
    public void TakeExamples(ViewMemory contexts, ViewMemory targets, ViewMemory indices, int count, int tokens) =>
        Alone.TakeExamples(contexts, targets, indices, count, tokens);

    /// <inheritdoc/>
    public void Embed(int count, int tokens) => Alone.Embed(count, tokens);

    /// <inheritdoc/>
    public void PenaliseTable() => Alone.PenaliseTable();

    /// <inheritdoc/>
    public void Forward(in FusedLayer layer, int x)
    {
        Alone.PenaliseWeights(layer);
        for (int feature = Alone.Index; feature < Parts(layer.Outputs); feature += Alone.Count)
        {
            GroupLayer own = Own(layer, feature);
            GroupLayer.ForwardValues values = own.LoadForward();
            var weights = new MatrixView(Parameters.From(layer.Weight + (FirstOf(feature) * layer.WeightRow)), layer.WeightRow);
            own.Forward(Multiply(weights, x, layer.Inputs), values);
        }
    }

    /// <inheritdoc/>
    public void BackwardLast(in FusedLayer last, float learningRate)
    {
        for (int feature = Alone.Index; feature < last.Outputs; feature += Alone.Count)
        {
            GroupLayer own = Own(last, feature);
            float gradient = own.Backward(own.LoadGradient(), own.LoadBackward(), learningRate);
            if (last.Gain != FusedLayer.None)
            {
                own.StoreGradient(gradient);
            }
        }
    }

    /// <inheritdoc/>
    public void Backward(in FusedLayer layer, in FusedLayer above, float learningRate)
    {
        for (int feature = Alone.Index; feature < Parts(layer.Outputs); feature += Alone.Count)
        {
            GroupLayer own = Own(layer, feature);
            GroupLayer.BackwardValues values = own.LoadBackward();
            own.StoreGradient(own.Backward(InputGradient(above, feature), values, learningRate));
        }
    }

    /// <inheritdoc/>
    public void PropagateToInput(in FusedLayer layer)
    {
        for (int feature = Alone.Index; feature < Parts(layer.Inputs); feature += Alone.Count)
        {
            float gradient = InputGradient(layer, feature);
            if (feature < layer.Inputs)
            {
                Scratch.Write(Shape.DInput + (feature * WarpLanes.Lanes) + WarpLanes.Thread, gradient);
            }
        }
    }

    /// <inheritdoc/>
    public void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses) => Alone.Loss(last, count, tokens, losses);

    /// <inheritdoc/>
    public void Record(ViewMemory record) => Alone.Record(record);

    /// <inheritdoc/>
    public void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate) =>
        Alone.UpdateWeight(layer, x, rows, rowStride, learningRate);

    /// <inheritdoc/>
    public void UpdateTable(int tokens, float learningRate) => Alone.UpdateTable(tokens, learningRate);

    // The first feature of the block that the group computes together.
    static int FirstOf(int feature) => feature / GroupLayer.Warps * GroupLayer.Warps;

    GroupLayer Own(in FusedLayer layer, int feature) => new(layer, feature, Alone.Constants, Parameters, Scratch, Shape);

    // Wᵀ·dZ.
    float InputGradient(in FusedLayer layer, int feature) =>
        Multiply(new MatrixView(Parameters.From(layer.Weight + FirstOf(feature)), layer.WeightRow).Transposed, layer.DZ, layer.Outputs);

    // A product of four rows and one vector, whose depth the group's warps share: the warp's row, and the thread's example.
    float Multiply(MatrixView rows, int vectors, int depth)
    {
        var product = new Product(rows, new MatrixView(Scratch.From(vectors), WarpLanes.Lanes), default, GroupLayer.Warps, FusedWorker<WarpTiles>.Depth(depth), WarpLanes.Lanes);
        Float4 part = WarpProduct.Block(product, row: 0, tile: 0, Warp, GroupLayer.Warps);
        ArrayView<Float4> exchange = Exchange.Fours;
        // The last product's parts may still be read.
        Group.Barrier();
        exchange[(Warp * WarpLanes.Lanes) + WarpLanes.Thread] = part;
        // Every thread reads a part of each warp.
        Group.Barrier();
        ViewMemory own = Exchange.From((Warp * WarpLanes.Lanes) + WarpLanes.Thread);
        const int parts = GroupLayer.Warps * WarpLanes.Lanes;
        return (own.Read(0) + own.Read(parts)) + (own.Read(2 * parts) + own.Read(3 * parts));
    }
}
