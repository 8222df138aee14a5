using System.Numerics;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>
/// Successive halving (K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016): all
/// are trained for a while, the better half goes on, for twice the steps, until one is left, which is trained to the end.
/// </summary>
static class SuccessiveHalving
{
    /// <summary>The rungs: after how many steps the better half goes on, the first one first. The last step is none of them.</summary>
    /// <param name="count">How many there are at first.</param>
    /// <param name="steps">The steps of the whole training, at which learning rates drop as they do without halving.</param>
    public static IReadOnlyList<int> Rungs(int count, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        // No rung before the first step.
        int halvings = Math.Min(BitOperations.Log2((uint)count), BitOperations.Log2((uint)Math.Max(1, steps)));
        return [.. Enumerable.Range(0, halvings).Select(rung => steps >> (halvings - rung))];
    }

    /// <summary>As many trainings to the end have about as many steps: (2 + log2 n) / 2 of n.</summary>
    /// <param name="count">How many there are at first, n.</param>
    public static double Trainings(int count) => (2 + Math.Log2(count)) / 2;

    /// <summary>The better half, rounded up, in its order: those with the lowest losses, of equal ones the first.</summary>
    /// <typeparam name="T">What is compared.</typeparam>
    /// <param name="all">All.</param>
    /// <param name="lossOf">The loss of each; what is not a number is above all others.</param>
    public static IReadOnlyList<T> BetterHalf<T>(IReadOnlyList<T> all, Func<T, double> lossOf)
    {
        ArgumentNullException.ThrowIfNull(all);
        HashSet<int> best =
        [
            .. Enumerable.Range(0, all.Count)
                .OrderBy(i => lossOf(all[i]) is var loss && double.IsNaN(loss) ? double.PositiveInfinity : loss)
                .Take((all.Count + 1) / 2),
        ];
        return [.. all.Where((_, i) => best.Contains(i))];
    }
}
