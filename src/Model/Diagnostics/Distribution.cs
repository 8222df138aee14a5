namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>How the values of a tensor are distributed.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The standard deviation over n-1; not a number for a single value.</param>
/// <param name="Histogram">How many values lie where.</param>
sealed record Distribution(double Mean, double StandardDeviation, Histogram Histogram);

/// <summary>
/// Counts of values in bins of equal width, from the least value to the largest, or over a range that was asked for. Where all values are
/// the same, the bins reach from half a unit below to half a unit above, as with <c>torch.histogram</c>. Values that are not finite or out
/// of the range are not counted.
/// </summary>
/// <param name="Low">Where the first bin begins.</param>
/// <param name="High">Where the last bin ends.</param>
/// <param name="Counts">How many values are in each bin.</param>
sealed record Histogram(double Low, double High, IReadOnlyList<int> Counts)
{
    double Width => (High - Low) / Counts.Count;

    /// <summary>Where the bins begin, and where the last one ends: one edge more than bins.</summary>
    public IReadOnlyList<double> Edges() => [.. Counts.Select((_, bin) => Low + (bin * Width)), High];

    /// <summary>
    /// For each bin, its share of the values divided by its width, so that the area is 1, as with <c>torch.histogram(density=True)</c>; 0
    /// for an empty bin.
    /// </summary>
    public IReadOnlyList<double> Densities()
    {
        double total = Counts.Sum(count => (double)count);
        return [.. Counts.Select(count => count == 0 ? 0 : count / (total * Width))];
    }
}
