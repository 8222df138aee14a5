namespace Makemore.Gpu.Runner.Display;

/// <summary>The losses of a run as columns over all its steps: means, of those steps that have been.</summary>
/// <param name="steps">The steps of the whole run.</param>
sealed class LossColumns(int steps)
{
    // More than a line of a terminal is wide.
    const int Bins = 240;

    readonly double[] sums = new double[Bins];
    readonly int[] counts = new int[Bins];

    /// <summary>Takes in the loss of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="loss">The loss.</param>
    public void Add(int step, double loss)
    {
        int bin = (int)((long)Bins * Math.Min(step, steps - 1) / Math.Max(1, steps));
        sums[bin] += loss;
        counts[bin]++;
    }

    /// <summary>
    /// The columns, up to the last step that has been: the mean of each, or the value before it where it has none; null before the first
    /// one.
    /// </summary>
    /// <param name="width">The columns of the whole run; at most as many as are told apart.</param>
    public IReadOnlyList<double?> Of(int width)
    {
        int columns = Math.Clamp(width, 1, Bins);
        int last = Array.FindLastIndex(counts, count => count > 0);
        var values = new List<double?>();
        for (int column = 0; column * Bins / columns <= last; column++)
        {
            Range range = (column * Bins / columns)..((column + 1) * Bins / columns);
            int count = counts[range].Sum();
            values.Add(count > 0 ? sums[range].Sum() / count : values.LastOrDefault());
        }
        return values;
    }
}
