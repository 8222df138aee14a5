using ILGPU;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A warp of a group of four as a worker of a fused step: the form for a GPU and a batch that fits the lanes of one warp. The group
/// computes the GEMM of four features together, each warp a quarter of K, and each warp goes on with one of the features
/// (<see cref="WarpGroupLayer"/>). Embedding, loss and updates are those of <see cref="WarpWorker"/>.
/// </summary>
/// <param name="Alone">The warp by itself.</param>
/// <param name="Exchange">Where the warps of a group exchange values.</param>
readonly record struct WarpGroupWorker(WarpWorker Alone, ViewMemory Exchange) : IFusedWorker<WarpGroupWorker>
{
    // A row of lanes for each feature of a block, from each warp.
    const int ExchangeSize = WarpGroupLayer.Warps * WarpGroupLayer.Warps * WarpLanes.Lanes;

    public static int Threads => WarpWorker.Threads;

    public FusedShape Shape => Alone.Shape;

    public ViewMemory Losses => Alone.Losses;

    ViewMemory Parameters => Alone.Chains.Parameters;

    ViewMemory Scratch => Alone.Chains.Scratch;

    int Warp => Alone.Chains.Index % WarpGroupLayer.Warps;

    public static WarpGroupWorker Of(in FusedOperands operands, int scratch, int indexInGroup, int index, int count) => new(
        WarpWorker.Of(operands, scratch, indexInGroup, index, count), new(SharedMemory.Allocate<float>(ExchangeSize), 0));

    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers) => WarpWorker.CopyToShared(layers);

    public static int Sync(in GridBarrier barrier, int generation) => WarpWorker.Sync(barrier, generation);

    public int Parts(int features) => Float4.PaddedLength(features);

    public int WeightParts(in FusedLayer layer) => Alone.WeightParts(layer);

    public static int Padded(int length) => WarpWorker.Padded(length);

    public WarpGroupWorker Skip(int parts) => this with { Alone = Alone.Skip(parts) };

    public void GatherBatch(ViewMemory data, ViewMemory indices, int count, int tokens) =>
        Alone.GatherBatch(data, indices, count, tokens);

    public void Embed(int count, int tokens) => Alone.Embed(count, tokens);

    public void AddTableL2() => Alone.AddTableL2();

    public void Forward(in FusedLayer layer, int x)
    {
        Alone.AddLayerL2(layer);
        for (int feature = Alone.Chains.Index; feature < Parts(layer.Outputs); feature += Alone.Chains.Count)
        {
            WarpGroupLayer own = Own(layer, feature);
            WarpGroupLayer.ForwardValues values = own.LoadForward();
            var weights = new MatrixView(Parameters.From(layer.Weight + (FirstOf(feature) * layer.WeightRow)), layer.WeightRow);
            own.Forward(Multiply(weights, x, layer.Inputs), values);
        }
    }

    public void ForwardFixed(in FusedLayer layer, int x) => Alone.ForwardFixed(layer, x);

    public void Measure(in FusedLayer layer, int x, int count, ViewMemory means, ViewMemory squares) =>
        Alone.Measure(layer, x, count, means, squares);

    public void BackwardLast(in FusedLayer last, float learningRate)
    {
        for (int feature = Alone.Chains.Index; feature < last.Outputs; feature += Alone.Chains.Count)
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
        for (int feature = Alone.Chains.Index; feature < Parts(layer.Outputs); feature += Alone.Chains.Count)
        {
            WarpGroupLayer own = Own(layer, feature);
            WarpGroupLayer.BackwardValues values = own.LoadBackward();
            own.StoreGradient(own.Backward(InputGradient(above, feature), values, learningRate));
        }
    }

    public void PropagateToInput(in FusedLayer layer)
    {
        for (int feature = Alone.Chains.Index; feature < Parts(layer.Inputs); feature += Alone.Chains.Count)
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

    WarpGroupLayer Own(in FusedLayer layer, int feature) => new(layer, feature, Alone.Chains.Constants, Parameters, Scratch, Shape);

    // Wᵀ·dZ.
    float InputGradient(in FusedLayer layer, int feature) =>
        Multiply(new MatrixView(Parameters.From(layer.Weight + FirstOf(feature)), layer.WeightRow).Transposed, layer.DZ, layer.Outputs);

    // A GEMM of four rows and one vector, whose K the group's warps share: the warp's row, and the thread's example.
    float Multiply(MatrixView rows, int vectors, int k)
    {
        var gemm = new TileGemm(
            rows, new MatrixView(Scratch.From(vectors), WarpLanes.Lanes), default, WarpGroupLayer.Warps, WarpTileRunner.GemmK(k),
            WarpLanes.Lanes);
        Float4 part = WarpGemm.MultiplyTile(gemm, row: 0, tileColumn: 0, Warp, WarpGroupLayer.Warps);
        ArrayView<Float4> exchange = Exchange.Float4s;
        // Another warp may still read the parts of the last GEMM.
        Group.Barrier();
        exchange[(Warp * WarpLanes.Lanes) + WarpLanes.Thread] = part;
        // Every thread reads the parts that all warps wrote.
        Group.Barrier();
        ViewMemory own = Exchange.From((Warp * WarpLanes.Lanes) + WarpLanes.Thread);
        const int parts = WarpGroupLayer.Warps * WarpLanes.Lanes;
        return (own.Read(0) + own.Read(parts)) + (own.Read(2 * parts) + own.Read(3 * parts));
    }
}
