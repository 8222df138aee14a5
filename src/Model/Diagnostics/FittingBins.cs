namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>
/// Histograms of as many bins as their values carry: those of Freedman and Diaconis (1981), whose width is twice the interquartile range
/// by the cube root of the count, but no fewer than Rice's twice that root, where the values lie at both ends. A few distinct values have
/// a bin each. All is read from a histogram of very many bins, so that the values stay where they are.
/// </summary>
static class FittingBins
{
    /// <summary>The bins of the histogram that it is read from: a number with very many divisors.</summary>
    public const int Fine = 5040;

    // More are no longer seen as bins.
    const int Most = 105;

    /// <summary>Joins neighboring bins.</summary>
    /// <param name="fine">The histogram, of <see cref="Fine"/> bins.</param>
    public static Histogram Of(Histogram fine)
    {
        int bins = CountFor(fine.Counts);
        int[] counts = [.. fine.Counts.Chunk(Fine / bins).Select(joined => joined.Sum())];
        return fine with { Counts = counts };
    }

    static int CountFor(IReadOnlyList<int> fine)
    {
        long values = fine.Sum(count => (long)count);
        double root = Math.Cbrt(values);
        int quartiles = Quantile(fine, 3 * values / 4) - Quantile(fine, values / 4);
        double wanted = Math.Max(2 * root, quartiles == 0 ? 0 : Fine * root / (2 * quartiles));
        int most = Math.Min(Most, fine.Count(count => count > 0));
        return Enumerable.Range(1, Most).Where(bins => Fine % bins == 0 && bins <= Math.Max(most, 1))
            .OrderBy(bins => Math.Abs(bins - wanted)).First();
    }

    // The bin in which that many values end.
    static int Quantile(IReadOnlyList<int> fine, long values)
    {
        int bin = 0;
        for (long below = fine[0]; below < values; below += fine[bin])
        {
            bin++;
        }
        return bin;
    }
}
