namespace Makemore.Gpu.Model.Checking;

/// <summary>Two runs of one training beside each other, bit by bit.</summary>
/// <param name="Run">The one.</param>
/// <param name="Other">The other.</param>
/// <param name="MustBeEqual">Whether each bit must be the same.</param>
/// <param name="AreEqual">Whether it is: of every loss, and of all parameters and statistics afterwards.</param>
/// <param name="LossUlps">
/// The largest difference of losses in units in the last place: see <see cref="TensorComparison.Ulps"/>.
/// </param>
/// <param name="TensorUlps">The same of parameters and statistics, of the tensor where it is largest.</param>
sealed record RunComparison(
    TrainedRun Run, TrainedRun Other, bool MustBeEqual, bool AreEqual, double LossUlps, double TensorUlps)
{
    /// <summary>Whether the two differ that must not.</summary>
    public bool IsFault => MustBeEqual && !AreEqual;

    /// <summary>
    /// Compares each run with the first that it must equal, and these first ones with each other. Equality being transitive, that tells
    /// of every pair whether it is as it must be.
    /// </summary>
    /// <param name="runs">The runs.</param>
    public static IReadOnlyList<RunComparison> Of(IReadOnlyList<TrainedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        TrainedRun FirstLike(TrainedRun run) => runs.First(run.MustEqual);
        TrainedRun[] firsts = [.. runs.Where(run => ReferenceEquals(run, FirstLike(run)))];
        return
        [
            .. runs.Except(firsts).Select(run => Of(run, FirstLike(run))),
            .. firsts.Index().SelectMany(first => firsts.Skip(first.Index + 1).Select(other => Of(other, first.Item))),
        ];
    }

    static RunComparison Of(TrainedRun run, TrainedRun other)
    {
        (HostTensor First, HostTensor Second)[] pairs = [.. run.Tensors.Zip(other.Tensors)];
        return new RunComparison(
            run, other, run.MustEqual(other),
            HaveSameBits(run.Losses, other.Losses) && pairs.All(pair => HaveSameBits(pair.First.Values, pair.Second.Values)),
            Ulps(run.Losses, other.Losses),
            pairs.Max(pair => Ulps(pair.First.Values, pair.Second.Values)));
    }

    static bool HaveSameBits(IReadOnlyList<float> values, IReadOnlyList<float> others) =>
        values.Select(BitConverter.SingleToInt32Bits).SequenceEqual(others.Select(BitConverter.SingleToInt32Bits));

    static double Ulps(IReadOnlyList<float> values, IReadOnlyList<float> others) =>
        TensorComparison.Of("", values, [.. others.Select(value => (double)value)], Tolerance.Forward).Ulps;
}
