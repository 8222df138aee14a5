using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>How a GPU shares the work of a product among its groups: each takes a tile of C, and a slice of the depth where C has few tiles.</summary>
/// <param name="Tile">The tile.</param>
/// <param name="SliceDepth">The depth of a slice, whole tiles of A and B; the last slice may be shorter.</param>
/// <param name="Slices">How many slices.</param>
/// <param name="Groups">How many groups.</param>
sealed record ProductPlan(GroupTile Tile, int SliceDepth, int Slices, int Groups)
{
    /// <summary>Most slices: their sums are added by one thread for each value of C.</summary>
    const int MostSlices = 64;

    // Costs in cycles of a multiprocessor, of the order that recent GPUs have. They need not be exact: they rank the plans.
    const int LanesOfMultiprocessor = 128;
    const int CyclesOfTile = 600;
    const int CyclesOfLaunch = 6000;
    const int BytesOfCycle = 16;

    /// <summary>The plan with the lowest estimate of time; the same for the same arguments.</summary>
    /// <param name="size">The sizes of the product.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="multiprocessors">Multiprocessors of the device.</param>
    public static ProductPlan For(ProductSize size, Precision precision, int multiprocessors) =>
        GroupTile.Of(precision).SelectMany(tile => Slicings(size, tile)).MinBy(plan => plan.Cycles(size, multiprocessors))!;

    /// <summary>A tile with each number of slices that it allows.</summary>
    /// <param name="size">The sizes of the product.</param>
    /// <param name="tile">The tile.</param>
    public static IEnumerable<ProductPlan> Slicings(ProductSize size, GroupTile tile)
    {
        int tiles = Quotient(size.Rows, tile.Rows) * Quotient(size.Columns, tile.Columns);
        int steps = Quotient(size.Depth, tile.Depth);
        for (int slices = 1; slices <= Math.Min(steps, MostSlices); slices *= 2)
        {
            int sliceDepth = Quotient(steps, slices) * tile.Depth;
            int filled = Quotient(size.Depth, sliceDepth);
            yield return new ProductPlan(tile, sliceDepth, filled, tiles * filled);
        }
    }

    // A multiprocessor multiplies for its groups in turn, and waits for memory at each tile of each; with slices come their sums, which are written,
    // read and written again by a second launch.
    double Cycles(ProductSize size, int multiprocessors)
    {
        int depth = Quotient(SliceDepth, Tile.Depth);
        double groups = Quotient(Groups, multiprocessors);
        double multiplications = (double)Tile.Rows * Tile.Columns * SliceDepth / (LanesOfMultiprocessor * Tile.Efficiency);
        double sums = Slices == 1 ? 0 : CyclesOfLaunch + ((Slices + 1.0) * 2 * sizeof(float) * size.Rows * size.Columns / (BytesOfCycle * multiprocessors));
        return (groups * multiplications) + (Math.Max(1, groups / 4) * depth * CyclesOfTile) + sums;
    }

    static int Quotient(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);
}
