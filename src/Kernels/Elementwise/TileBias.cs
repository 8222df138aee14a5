using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>Adds to each feature its bias. The batch lies in the lanes, a row for each feature.</summary>
/// <param name="Bias">The bias [features].</param>
/// <param name="Z">z [features, padded batch].</param>
/// <param name="Features">How many features.</param>
/// <param name="PaddedBatch">The length of a row, a multiple of the lanes.</param>
public readonly record struct TileBiasForward(ViewMemory Bias, ViewMemory Z, int Features, int PaddedBatch) : ITileOperation
{
    /// <inheritdoc/>
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
            for (int n = 0; n < PaddedBatch; n += TLanes.Count)
            {
                row.Store(n, row.Load(n) + bias);
            }
            row = row.From(PaddedBatch);
        }
    }
}
