namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// The room that tile operations have which sum over the batch. Each feature leaves its sums as lanes, a row for each; then the rows are
/// summed all at once, which gives a feature in each lane for the arithmetic that follows.
/// </summary>
static class TileScratch
{
    /// <summary>The most lanes that one thread has, and the most features whose sums are taken at a time.</summary>
    public const int MaxLanes = 16;

    /// <summary>Values in all, for any lanes of a processor: two blocks of sums, and three values for each feature.</summary>
    public const int Size = (2 * MaxLanes * MaxLanes) + (3 * MaxLanes);

    /// <summary>Values in all, for a warp.</summary>
    public const int WarpSize = (2 * WarpLanes.SumRowCount * WarpLanes.Lanes) + (3 * MaxLanes);

    /// <summary>Values of one block of sums.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    public static int Sums<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.RowsPerSum * TLanes.Count;
}
