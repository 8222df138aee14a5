namespace Makemore.Gpu.Model.Sweeps;

/// <summary>A point of a thinned curve.</summary>
/// <param name="Step">The steps that were done after the last of those that it stands for.</param>
/// <param name="Loss">The mean of their losses.</param>
public readonly record struct LossPoint(int Step, double Loss);

/// <summary>
/// The training loss of a run, thinned while it is trained: the mean over equal numbers of steps, at most
/// <see cref="MostPoints"/> of them. How many steps a launch takes does not change it.
/// </summary>
/// <param name="steps">The steps of the whole run.</param>
public sealed class LossCurve(int steps)
{
    /// <summary>The most points of a curve.</summary>
    public const int MostPoints = 100;

    readonly int every = Math.Max(1, (steps + MostPoints - 1) / MostPoints);
    readonly List<LossPoint> points = [];
    double sum;
    int count;
    int step;

    /// <summary>The points so far. The last may stand for fewer steps than the others.</summary>
    public IReadOnlyList<LossPoint> Points => count == 0 ? [.. points] : [.. points, new LossPoint(step, sum / count)];

    /// <summary>Takes in the losses of the next steps.</summary>
    /// <param name="losses">The losses.</param>
    public void Add(ReadOnlySpan<float> losses)
    {
        foreach (float loss in losses)
        {
            sum += loss;
            step++;
            if (++count == every)
            {
                points.Add(new LossPoint(step, sum / count));
                (sum, count) = (0, 0);
            }
        }
    }
}
