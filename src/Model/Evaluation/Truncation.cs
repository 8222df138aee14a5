namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// Restricts a draw to the likeliest tokens: the K likeliest, and of those the fewest that have probability P together (Holtzman and
/// others, 2020). The others get probability 0, so that torch's draw goes on as before: it takes a number for each token, and weights need
/// not sum to 1.
/// </summary>
static class Truncation
{
    /// <summary>Restricts.</summary>
    /// <param name="probabilities">The probability of each token, changed in place.</param>
    /// <param name="topK">K, at least 1; null for all.</param>
    /// <param name="topP">P, above 0 and at most 1; null for all.</param>
    public static void Apply(float[] probabilities, int? topK, double? topP)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        int kept = Math.Min(topK ?? probabilities.Length, probabilities.Length);
        bool restrictsMass = topP < 1;
        if (kept == probabilities.Length && !restrictsMass)
        {
            return;
        }
        // Of equal tokens, the first is taken first: the sort is stable.
        int[] order = [.. Enumerable.Range(0, probabilities.Length).OrderByDescending(token => probabilities[token])];
        if (restrictsMass)
        {
            double wanted = topP!.Value * order.Take(kept).Sum(token => (double)probabilities[token]);
            double mass = probabilities[order[0]];
            int count = 1;
            while (count < kept && mass < wanted)
            {
                mass += probabilities[order[count++]];
            }
            kept = count;
        }
        foreach (int token in order.AsSpan(kept))
        {
            probabilities[token] = 0;
        }
    }
}
