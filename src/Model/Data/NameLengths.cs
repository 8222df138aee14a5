using Makemore.Gpu.Model.Text;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Model.Data;

/// <summary>How long names are, in tokens, without the boundaries.</summary>
/// <param name="Shortest">The fewest characters of a name.</param>
/// <param name="Longest">The most.</param>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The standard deviation over n-1; not a number for a single name.</param>
/// <param name="Counts">How many names have which length, from the shortest to the longest; lengths of no name are left out.</param>
sealed record NameLengths(
    int Shortest, int Longest, double Mean, double StandardDeviation, IReadOnlyList<LengthCount> Counts)
{
    /// <summary>Measures names.</summary>
    /// <param name="names">The names, at least one.</param>
    /// <param name="tokenization">What a token is; null for runes.</param>
    public static NameLengths Of(IEnumerable<string> names, Tokenization? tokenization = null)
    {
        tokenization ??= new Tokenization();
        int[] lengths = [.. names.Select(tokenization.Count)];
        var statistics = new DescriptiveStatistics(lengths.Select(length => (double)length));
        return new NameLengths(
            lengths.Min(), lengths.Max(), statistics.Mean, statistics.StandardDeviation,
            [.. lengths.CountBy(length => length).OrderBy(pair => pair.Key).Select(pair => new LengthCount(pair.Key, pair.Value))]);
    }
}

/// <summary>How many names have a length.</summary>
/// <param name="Length">The length in characters.</param>
/// <param name="Names">The names.</param>
sealed record LengthCount(int Length, int Names);
