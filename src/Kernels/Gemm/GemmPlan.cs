using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>How a GPU shares the work of a product among its groups: each takes a tile of C, and a slice of the depth where C has few tiles.</summary>
/// <param name="Tile">The tile.</param>
/// <param name="SplitDepth">The depth of a slice, whole tiles of A and B; the last slice may be shorter.</param>
/// <param name="Splits">How many slices.</param>
/// <param name="Groups">How many groups.</param>
sealed record GemmPlan(GemmTile Tile, int SplitDepth, int Splits, int Groups)
{
    /// <summary>Most slices: their sums are added by one thread for each value of C.</summary>
    const int MaxSplits = 64;

    // Costs in cycles of a multiprocessor, of the order that recent GPUs have. They need not be exact: they rank the plans.
    const int LanesOfMultiprocessor = 128;
    const int CyclesOfTile = 600;
    const int CyclesOfLaunch = 6000;
    const int BytesOfCycle = 16;

    /// <summary>The plan with the lowest estimate of time; the same for the same arguments.</summary>
    /// <param name="size">The sizes of the product.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="multiprocessors">Multiprocessors of the device.</param>
    public static GemmPlan For(GemmSize size, Precision precision, int multiprocessors) =>
        GemmTile.Of(precision).SelectMany(tile => WithSplits(size, tile)).MinBy(plan => plan.Cycles(size, multiprocessors))!;

    /// <summary>A tile with each number of slices that it allows.</summary>
    /// <param name="size">The sizes of the product.</param>
    /// <param name="tile">The tile.</param>
    public static IEnumerable<GemmPlan> WithSplits(GemmSize size, GemmTile tile)
    {
        int tiles = Quotient(size.M, tile.M) * Quotient(size.N, tile.N);
        int steps = Quotient(size.K, tile.K);
        for (int slices = 1; slices <= Math.Min(steps, MaxSplits); slices *= 2)
        {
            int sliceDepth = Quotient(steps, slices) * tile.K;
            int filled = Quotient(size.K, sliceDepth);
            yield return new GemmPlan(tile, sliceDepth, filled, tiles * filled);
        }
    }

    // A multiprocessor multiplies for its groups in turn, and waits for memory at each tile of each; with slices come their sums, which are written,
    // read and written again by a second launch.
    double Cycles(GemmSize size, int multiprocessors)
    {
        int depth = Quotient(SplitDepth, Tile.K);
        double groups = Quotient(Groups, multiprocessors);
        double multiplications = (double)Tile.M * Tile.N * SplitDepth / (LanesOfMultiprocessor * Tile.Efficiency);
        double sums = Splits == 1 ? 0 : CyclesOfLaunch + ((Splits + 1.0) * 2 * sizeof(float) * size.M * size.N / (BytesOfCycle * multiprocessors));
        return (groups * multiplications) + (Math.Max(1, groups / 4) * depth * CyclesOfTile) + sums;
    }

    static int Quotient(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);
}
