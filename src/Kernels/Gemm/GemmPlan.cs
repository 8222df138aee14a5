using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// How a GPU divides a product among its groups. Each group computes a block tile of C. Where C has too few tiles to fill the GPU, K is
/// split as well (split-K): a group then sums over its part of K, and a second kernel adds the splits.
/// </summary>
/// <param name="Tile">The block tile.</param>
/// <param name="KPerSplit">The part of K of one split, a multiple of the tile's K; the last split may be shorter.</param>
/// <param name="Splits">How many parts K has; 1 where it is not split.</param>
/// <param name="Groups">Groups of the launch: tiles of C times splits.</param>
sealed record GemmPlan(GemmTile Tile, int KPerSplit, int Splits, int Groups)
{
    // One thread adds the splits of a value of C, one after another.
    const int MaxSplits = 64;

    // Rough costs on recent GPUs, for one multiprocessor. They only rank the plans, and need not be exact.
    const int LanesPerMultiprocessor = 128;
    const int CyclesPerTile = 600;
    const int CyclesPerLaunch = 6000;
    const int BytesPerCycle = 16;

    /// <summary>The plan with the lowest estimated time. Equal arguments give equal plans, so that results repeat.</summary>
    /// <param name="size">M, K and N.</param>
    /// <param name="precision">The precision that the caller allows.</param>
    /// <param name="multiprocessors">Multiprocessors of the device.</param>
    public static GemmPlan For(GemmSize size, Precision precision, int multiprocessors) =>
        GemmTile.Of(precision).SelectMany(tile => WithSplits(size, tile)).MinBy(plan => plan.Cycles(size, multiprocessors))!;

    /// <summary>The plans for one tile: 1, 2, 4, ... splits, as far as each split has a tile along K.</summary>
    /// <param name="size">M, K and N.</param>
    /// <param name="tile">The block tile.</param>
    public static IEnumerable<GemmPlan> WithSplits(GemmSize size, GemmTile tile)
    {
        int tiles = CeilingDivide(size.M, tile.M) * CeilingDivide(size.N, tile.N);
        int kTiles = CeilingDivide(size.K, tile.K);
        for (int splits = 1; splits <= Math.Min(kTiles, MaxSplits); splits *= 2)
        {
            // Rounding up to whole tiles can leave the last splits without work; they are not launched.
            int kPerSplit = CeilingDivide(kTiles, splits) * tile.K;
            int filledSplits = CeilingDivide(size.K, kPerSplit);
            yield return new GemmPlan(tile, kPerSplit, filledSplits, tiles * filledSplits);
        }
    }

    // A multiprocessor multiplies for its groups in turn, and each of them waits for memory at every tile along K; about 4 groups hide
    // each other's latency. Splits cost a second launch, which reads what the first wrote and writes C.
    double Cycles(GemmSize size, int multiprocessors)
    {
        int kTiles = CeilingDivide(KPerSplit, Tile.K);
        double groups = CeilingDivide(Groups, multiprocessors);
        double multiplications = (double)Tile.M * Tile.N * KPerSplit / (LanesPerMultiprocessor * Tile.Efficiency);
        double sums = Splits == 1
            ? 0
            : CyclesPerLaunch + ((Splits + 1.0) * 2 * sizeof(float) * size.M * size.N / (BytesPerCycle * multiprocessors));
        return (groups * multiplications) + (Math.Max(1, groups / 4) * kTiles * CyclesPerTile) + sums;
    }

    static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);
}
