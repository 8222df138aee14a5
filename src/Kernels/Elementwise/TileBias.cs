using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>
/// The bias forward, for the fused form by threads and by warps: z += bias. The batch lies in the lanes, a row for each feature.
/// </summary>
/// <param name="Bias">The bias [features].</param>
/// <param name="Z">z [features, examples], updated.</param>
/// <param name="Features">How many features.</param>
/// <param name="Examples">How many examples: a multiple of the lanes.</param>
/// <param name="RowStride">From a feature's row to the next, in values.</param>
readonly record struct TileBiasForward(ViewMemory Bias, ViewMemory Z, int Features, int Examples, int RowStride) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory biases = TMemory.At(Bias);
        TMemory row = TMemory.At(Z);
        for (int feature = 0; feature < Features; feature++)
        {
            TLanes bias = TLanes.Broadcast(biases.Read(feature));
            for (int n = 0; n < Examples; n += TLanes.Count)
            {
                row.Store(n, row.Load(n) + bias);
            }
            row = row.From(RowStride);
        }
    }
}

/// <summary>
/// Applies the gradient of the bias, the sum of dz over the batch, for the fused form by threads and by warps: bias = decay·bias - learning
/// rate · Σ dz. The batch lies in the lanes, a row for each feature; after the sum over the lanes, a feature in each lane.
/// </summary>
/// <param name="DZ">The gradient of z [features, padded batch], 0 in the padding.</param>
/// <param name="Bias">The bias [features, padded to the lanes], updated.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Decay">What weight decay leaves of the bias in a step; 1 without.</param>
/// <param name="Features">How many features.</param>
/// <param name="PaddedBatch">The length of a row, P: a multiple of the lanes.</param>
/// <param name="Scratch"><see cref="TileScratch.Size"/> values for a thread, <see cref="TileScratch.WarpSize"/> for a warp.</param>
readonly record struct TileBiasUpdate(
    ViewMemory DZ, ViewMemory Bias, float LearningRate, float Decay, int Features, int PaddedBatch, ViewMemory Scratch) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory row = TMemory.At(DZ);
        TMemory biases = TMemory.At(Bias);
        TMemory scratch = TMemory.At(Scratch);
        TLanes factor = TLanes.Broadcast(-LearningRate);
        for (int first = 0; first < Features; first += TLanes.RowsPerSum)
        {
            int count = Features - first < TLanes.RowsPerSum ? Features - first : TLanes.RowsPerSum;
            for (int feature = 0; feature < count; feature++)
            {
                TLanes sum = default;
                for (int n = 0; n < PaddedBatch; n += TLanes.Count)
                {
                    sum += row.Load(n);
                }
                scratch.Store(feature * TLanes.Count, sum);
                row = row.From(PaddedBatch);
            }
            TLanes kept = TLanes.Broadcast(Decay) * biases.LoadFirst(first, count);
            biases.StoreFirst(first, count, TLanes.MultiplyAdd(factor, TLanes.SumRows(scratch), kept));
        }
    }
}
