namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>A point of a thinned curve.</summary>
/// <param name="Step">The steps that were done after the last of those that it stands for.</param>
/// <param name="Loss">The mean of their losses.</param>
readonly record struct LossPoint(int Step, double Loss);

/// <summary>
/// The training loss of a run so far, thinned: means over equal numbers of steps. How many steps a launch takes does not change it.
/// </summary>
/// <param name="Every">The steps of a point.</param>
/// <param name="Full">The points of so many steps.</param>
/// <param name="Step">The steps so far.</param>
/// <param name="Sum">The sum of the losses after the last full point.</param>
sealed record LossCurve(int Every, IReadOnlyList<LossPoint> Full, int Step, double Sum)
{
    /// <summary>The most points of a run's curve.</summary>
    public const int MostPoints = 100;

    /// <summary>The points so far. The last may stand for fewer steps than the others.</summary>
    public IEnumerable<LossPoint> Points => Step % Every == 0 ? Full : Full.Append(new LossPoint(Step, Sum / (Step % Every)));

    /// <summary>A curve before the first step.</summary>
    /// <param name="steps">The steps of the whole run.</param>
    public static LossCurve Of(int steps) => new(Math.Max(1, (int)(((long)steps + MostPoints - 1) / MostPoints)), [], 0, 0);

    /// <summary>The curve after some more steps.</summary>
    /// <param name="losses">Their losses.</param>
    public LossCurve After(ReadOnlySpan<float> losses)
    {
        var points = new List<LossPoint>(Full);
        (int step, double sum) = (Step, Sum);
        foreach (float loss in losses)
        {
            step++;
            sum += loss;
            if (step % Every == 0)
            {
                points.Add(new LossPoint(step, sum / Every));
                sum = 0;
            }
        }
        return new LossCurve(Every, points, step, sum);
    }
}
