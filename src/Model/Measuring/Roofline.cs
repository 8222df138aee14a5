namespace Makemore.Gpu.Model.Measuring;

/// <summary>
/// The two ceilings of a device: no operation computes faster than its multiply-adds, nor reads and writes memory faster than a copy does
/// (S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model for multicore architectures", 2009).
/// </summary>
/// <param name="Gigaflops">Billions of floating-point operations a second, by multiply-adds.</param>
/// <param name="Gigabytes">Billions of bytes a second that a copy of a large array reads and writes.</param>
sealed record Roofline(double Gigaflops, double Gigabytes)
{
    /// <summary>The floating-point operations for each byte at which the ceilings cross.</summary>
    public double Ridge => Gigaflops / Gigabytes;

    /// <summary>The higher of each ceiling of two measurements: what else a machine does can only lower them.</summary>
    /// <param name="other">The other measurement.</param>
    public Roofline Max(Roofline other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(Math.Max(Gigaflops, other.Gigaflops), Math.Max(Gigabytes, other.Gigabytes));
    }
}
