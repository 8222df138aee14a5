using System.Diagnostics;

namespace Makemore.Gpu.Kernels.Measuring;

/// <summary>How often something can be done in a second.</summary>
static class Rate
{
    /// <summary>Does it ever more often, until it takes as long as a round should.</summary>
    /// <param name="seconds">How long a round takes at least.</param>
    /// <param name="first">How often it is done first, twice: the first time may compile kernels and does not count.</param>
    /// <param name="perSecond">Does it as often as it is told, and says how often a second.</param>
    /// <returns>How often a second, in the last round.</returns>
    public static double Of(double seconds, int first, Func<int, double> perSecond)
    {
        ArgumentNullException.ThrowIfNull(perSecond);
        int count = first;
        perSecond(count);
        while (true)
        {
            double rate = perSecond(count);
            if (count >= rate * seconds)
            {
                return rate;
            }
            count = Math.Max(2 * count, (int)Math.Min(rate * seconds * 1.05, 8.0 * count));
        }
    }

    /// <summary>The same for an action.</summary>
    /// <param name="seconds">How long a round takes at least.</param>
    /// <param name="first">How often it is done first.</param>
    /// <param name="run">Does it as often as it is told, and waits for the end.</param>
    /// <returns>How often a second, in the last round.</returns>
    public static double Of(double seconds, int first, Action<int> run) => Of(seconds, first, count =>
    {
        long start = Stopwatch.GetTimestamp();
        run(count);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    });
}
