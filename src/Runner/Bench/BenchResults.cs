using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Measuring;

namespace Makemore.Gpu.Runner.Bench;

/// <summary>What was measured on a device.</summary>
/// <param name="Found">The device.</param>
/// <param name="Vectors">The vectors that kernels compute with.</param>
/// <param name="IsQuick">Whether it was the quick form.</param>
/// <param name="Seconds">How long each operation was measured at least.</param>
/// <param name="Roofline">The device's ceilings.</param>
/// <param name="Lectures">The operations at the lectures' sizes.</param>
/// <param name="Large">The same at large sizes.</param>
sealed record BenchResults(
    FoundDevice Found, string Vectors, bool IsQuick, double Seconds, Roofline Roofline, IReadOnlyList<Measurement> Lectures,
    IReadOnlyList<Measurement> Large)
{
    // Each once: the lectures' network has every form, a large one may lack the fused form.
    readonly string[] names = [.. Lectures.Concat(Large).Select(measurement => measurement.Name).Distinct()];

    /// <summary>The number of an operation, from 1, the same at all sizes.</summary>
    /// <param name="measurement">Its time at any sizes.</param>
    public int NumberOf(Measurement measurement) => Array.IndexOf(names, measurement.Name) + 1;

    /// <summary>The number and the name of an operation.</summary>
    /// <param name="measurement">Its time at any sizes.</param>
    public string Label(Measurement measurement) => $"{NumberOf(measurement)} {measurement.Name}";
}
