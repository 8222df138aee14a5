using ILGPU;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A warp's part of each phase for a batch of one vector, where the four warps of a group compute together: see <see cref="WarpGroupLayer"/>. The group
/// multiplies for four features at a time, and the warp goes on with one of them. Embedding, loss and updates are those of warps by themselves.
/// </summary>
/// <param name="Alone">The warp by itself.</param>
/// <param name="Exchange">Where the warps of a group exchange values.</param>
readonly record struct WarpGroupWorker(FusedWorker<WarpWorkerTiles> Alone, ViewMemory Exchange) : IFusedWorker<WarpGroupWorker>
{
    // A row of lanes for each feature of a block, from each warp.
    const int ExchangeSize = WarpGroupLayer.Warps * WarpGroupLayer.Warps * WarpLanes.Lanes;

    public static int Threads => WarpWorkerTiles.Threads;

    public FusedShape Shape => Alone.Shape;

    public ViewMemory Losses => Alone.Losses;

    ViewMemory Parameters => Alone.Parameters;

    ViewMemory Scratch => Alone.Scratch;

    int Warp => Alone.Index % WarpGroupLayer.Warps;

    public static WarpGroupWorker Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count) => new(
        FusedWorker<WarpWorkerTiles>.Of(operands, scratch, indexInGroup, index, count), new(SharedMemory.Allocate<float>(ExchangeSize), 0));

    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers) => WarpWorkerTiles.CopyToShared(layers);

    public static int Sync(in GridBarrier barrier, int arrived) => WarpWorkerTiles.Sync(barrier, arrived);

    public static int Parts(int features) => FusedWorker<WarpWorkerTiles>.ToFloat4s(features);

    public static int WeightParts(in FusedLayer layer) => FusedWorker<WarpWorkerTiles>.WeightParts(layer);

    public WarpGroupWorker Skip(int parts) => this with { Alone = Alone.Skip(parts) };

    public void GatherBatch(ViewMemory contexts, ViewMemory targets, ViewMemory indices, int count, int tokens) =>
        Alone.GatherBatch(contexts, targets, indices, count, tokens);

    public void Embed(int count, int tokens) => Alone.Embed(count, tokens);

    public void AddTableL2() => Alone.AddTableL2();

    public void Forward(in FusedLayer layer, int x)
    {
        Alone.AddWeightL2(layer);
        for (int feature = Alone.Index; feature < Parts(layer.Outputs); feature += Alone.Count)
        {
            WarpGroupLayer own = Own(layer, feature);
            WarpGroupLayer.ForwardValues values = own.LoadForward();
            var weights = new MatrixView(Parameters.From(layer.Weight + (FirstOf(feature) * layer.WeightRow)), layer.WeightRow);
            own.Forward(Multiply(weights, x, layer.Inputs), values);
        }
    }

    public void BackwardLast(in FusedLayer last, float learningRate)
    {
        for (int feature = Alone.Index; feature < last.Outputs; feature += Alone.Count)
        {
            WarpGroupLayer own = Own(last, feature);
            float gradient = own.Backward(own.LoadGradient(), own.LoadBackward(), learningRate);
            if (last.Gain != FusedLayer.None)
            {
                own.StoreGradient(gradient);
            }
        }
    }

    public void Backward(in FusedLayer layer, in FusedLayer above, float learningRate)
    {
        for (int feature = Alone.Index; feature < Parts(layer.Outputs); feature += Alone.Count)
        {
            WarpGroupLayer own = Own(layer, feature);
            WarpGroupLayer.BackwardValues values = own.LoadBackward();
            own.StoreGradient(own.Backward(InputGradient(above, feature), values, learningRate));
        }
    }

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

    public void Loss(in FusedLayer last, int count, int tokens, ViewMemory losses) => Alone.Loss(last, count, tokens, losses);

    public void Record(ViewMemory record) => Alone.Record(record);

    public void UpdateWeight(in FusedLayer layer, int x, int rows, int rowStride, float learningRate) =>
        Alone.UpdateWeight(layer, x, rows, rowStride, learningRate);

    public void UpdateTable(int tokens, float learningRate) => Alone.UpdateTable(tokens, learningRate);

    // The first feature of the block that the group computes together.
    static int FirstOf(int feature) => feature / WarpGroupLayer.Warps * WarpGroupLayer.Warps;

    WarpGroupLayer Own(in FusedLayer layer, int feature) => new(layer, feature, Alone.Constants, Parameters, Scratch, Shape);

    // Wᵀ·dZ.
    float InputGradient(in FusedLayer layer, int feature) =>
        Multiply(new MatrixView(Parameters.From(layer.Weight + FirstOf(feature)), layer.WeightRow).Transposed, layer.DZ, layer.Outputs);

    // A product of four rows and one vector, whose depth the group's warps share: the warp's row, and the thread's example.
    float Multiply(MatrixView rows, int vectors, int depth)
    {
        var product = new TileGemm(rows, new MatrixView(Scratch.From(vectors), WarpLanes.Lanes), default, WarpGroupLayer.Warps, FusedWorker<WarpWorkerTiles>.Depth(depth), WarpLanes.Lanes);
        Float4 part = WarpGemm.Block(product, row: 0, tile: 0, Warp, WarpGroupLayer.Warps);
        ArrayView<Float4> exchange = Exchange.Float4s;
        // The last product's parts may still be read.
        Group.Barrier();
        exchange[(Warp * WarpLanes.Lanes) + WarpLanes.Thread] = part;
        // Every thread reads a part of each warp.
        Group.Barrier();
        ViewMemory own = Exchange.From((Warp * WarpLanes.Lanes) + WarpLanes.Thread);
        const int parts = WarpGroupLayer.Warps * WarpLanes.Lanes;
        return (own.Read(0) + own.Read(parts)) + (own.Read(2 * parts) + own.Read(3 * parts));
    }
}
