namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// The scratch of the tile operations that sum over the batch, in the fused form by threads and by warps. Each feature stores the sums of
/// its lanes as a row of the scratch; <see cref="ILanes{TSelf}.SumRows"/> then sums all rows at once, which leaves a feature in each lane
/// for the arithmetic that follows.
/// </summary>
static class TileScratch
{
    /// <summary>The most lanes of one thread, and the most features that are summed at a time.</summary>
    public const int MaxLanes = 16;

    /// <summary>Values of scratch for a thread with any lanes: two blocks of sums, and three values for each feature.</summary>
    public const int Size = (2 * MaxLanes * MaxLanes) + (3 * MaxLanes);

    /// <summary>Values of scratch for a warp.</summary>
    public const int WarpSize = (2 * WarpLanes.SumRowCount * WarpLanes.Lanes) + (3 * MaxLanes);

    /// <summary>Values of one block of sums: a row of lanes for each feature.</summary>
    public static int SumsSize<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.RowsPerSum * TLanes.Count;
}
