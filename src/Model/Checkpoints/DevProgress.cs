namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>The dev loss at a step of a run.</summary>
/// <param name="Step">The step, from 0, before which it was measured; the number of steps at the end.</param>
/// <param name="Loss">The dev loss.</param>
/// <param name="TrainingLoss">The mean training loss of the steps since the measurement before.</param>
sealed record DevPoint(int Step, double Loss, double TrainingLoss);

/// <summary>How the dev loss of a run went so far.</summary>
/// <param name="Best">Where it was lowest; the first of equals.</param>
/// <param name="Last">Where it was measured last.</param>
/// <param name="Stale">How many measurements in a row, the last one included, were not below the lowest.</param>
sealed record DevProgress(DevPoint Best, DevPoint Last, int Stale)
{
    // What a measurement on some hundred examples may be off, beside one that is as good.
    const double Noise = 0.02;

    /// <summary>
    /// Whether the network learns its training names by heart: the dev loss has risen since it was lowest, while the training loss fell.
    /// </summary>
    public bool IsOverfitting => Last.Loss > Best.Loss * (1 + Noise) && Last.TrainingLoss < Best.TrainingLoss;

    /// <summary>How it went after one more measurement.</summary>
    /// <param name="before">How it went before; null before the first.</param>
    /// <param name="point">The measurement.</param>
    public static DevProgress After(DevProgress? before, DevPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        // What is not a number is below nothing.
        return before is null || point.Loss < before.Best.Loss || double.IsNaN(before.Best.Loss)
            ? new DevProgress(point, point, Stale: 0)
            : before with { Last = point, Stale = before.Stale + 1 };
    }
}
