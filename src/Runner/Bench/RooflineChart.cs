using System.Globalization;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Bench;

/// <summary>The roofline: each operation by its arithmetic for each byte and its speed, below the two ceilings of the device.</summary>
static class RooflineChart
{
    // The ceilings go on so far beside the operations.
    const double Beside = 1.5;

    /// <summary>The picture.</summary>
    /// <param name="results">What was measured.</param>
    public static Chart Of(BenchResults results)
    {
        Roofline roofline = results.Roofline;
        Measurement[] all = [.. results.Lectures.Concat(results.Large).Where(HasArithmetic)];
        double[] intensities = [.. all.Select(measurement => measurement.Cost.Intensity)];
        double left = Math.Min(intensities.Min(), roofline.Ridge) / Beside;
        double right = Math.Max(intensities.Max(), roofline.Ridge) * Beside;
        return new Chart(
            "roofline", $"Roofline of {results.Found.Name}, {results.Found.Description}", "FLOP/byte", "GFLOP/s",
            [
                new Series(
                    $"copy, {Format.ThreeDigits(roofline.Gigabytes)} GB/s", [left, roofline.Ridge],
                    [left * roofline.Gigabytes, roofline.Gigaflops], SeriesStyle.Guide),
                new Series(
                    $"multiply-adds, {Format.ThreeDigits(roofline.Gigaflops)} GFLOP/s", [roofline.Ridge, right],
                    [roofline.Gigaflops, roofline.Gigaflops], SeriesStyle.Guide),
                Points("the lectures' sizes", results, results.Lectures),
                Points("large sizes", results, results.Large),
            ])
        {
            IsLogarithmic = true,
            IsLogarithmicAcross = true,
            Key = [.. all.DistinctBy(measurement => measurement.Name).Select(results.Label)],
        };
    }

    static Series Points(string name, BenchResults results, IEnumerable<Measurement> measurements)
    {
        Measurement[] shown = [.. measurements.Where(HasArithmetic)];
        return new(
            name, [.. shown.Select(measurement => measurement.Cost.Intensity)], [.. shown.Select(measurement => measurement.Gigaflops)],
            SeriesStyle.Points)
        {
            Labels = [.. shown.Select(measurement => results.NumberOf(measurement).ToString(CultureInfo.InvariantCulture))],
        };
    }

    static bool HasArithmetic(Measurement measurement) => measurement.Cost.Flops > 0;
}
