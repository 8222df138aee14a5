namespace Makemore.Gpu.Model.Measuring;

/// <summary>
/// How long a step of training takes, estimated from steps that were measured in the same form on the same device. Between two measured
/// steps the time is a power of the arithmetic; beyond the largest it grows in proportion, and below the smallest it stays.
/// </summary>
sealed class StepForecast
{
    readonly (double Flops, double Seconds)[] measured;

    /// <summary>Takes what was measured.</summary>
    /// <param name="measured">The floating-point operations and the seconds of each step, at least one, all above 0.</param>
    /// <exception cref="ArgumentException">There is no step, or a figure is not above 0.</exception>
    public StepForecast(IEnumerable<(double Flops, double Seconds)> measured)
    {
        this.measured = [.. measured.OrderBy(step => step.Flops)];
        if (this.measured.Length == 0 || this.measured.Any(step => !(step.Flops > 0 && step.Seconds > 0)))
        {
            throw new ArgumentException("a step that was measured has operations and a time", nameof(measured));
        }
    }

    /// <summary>The seconds of a step.</summary>
    /// <param name="flops">Its floating-point operations.</param>
    public double Seconds(double flops)
    {
        if (flops <= measured[0].Flops)
        {
            return measured[0].Seconds;
        }
        if (flops >= measured[^1].Flops)
        {
            return measured[^1].Seconds * flops / measured[^1].Flops;
        }
        int above = Array.FindIndex(measured, step => step.Flops > flops);
        (double Flops, double Seconds) low = measured[above - 1];
        (double Flops, double Seconds) high = measured[above];
        double part = Math.Log(flops / low.Flops) / Math.Log(high.Flops / low.Flops);
        return low.Seconds * Math.Pow(high.Seconds / low.Seconds, part);
    }
}
