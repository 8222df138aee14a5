using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Pages;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Runner.Display;

/// <summary>The charts over the steps of a run, alike while it trains and afterwards.</summary>
static class RunCharts
{
    // From so many times the median on, the largest loss leaves little of a linear axis to the others.
    const double DwarfingLoss = 3;

    /// <summary>Losses over steps, on a logarithmic axis where the largest would dwarf the others.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="series">The losses.</param>
    public static Chart Losses(string name, string title, IReadOnlyList<Series> series)
    {
        double[] losses = [.. series.SelectMany(line => line.Y).Where(double.IsFinite)];
        bool isLogarithmic = losses.Length > 0 && losses.Min() > 0 && losses.Max() >= DwarfingLoss * losses.Median();
        return new Chart(name, title, "step", isLogarithmic ? "loss, on a logarithmic axis" : "loss", series)
        {
            IsLogarithmic = isLogarithmic,
        };
    }

    /// <summary>How large updates were beside what they updated, with the rule of thumb to compare with.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="steps">The steps that were looked at.</param>
    /// <param name="matrices">For each matrix its name, and log10 of its ratio at each of the steps.</param>
    public static Chart Updates(
        string name, string title, IReadOnlyList<double> steps, IEnumerable<(string Name, IReadOnlyList<double> Ratios)> matrices) =>
        new(name, title, "step", "log10 of update:data", [.. matrices.Select(matrix => new Series(matrix.Name, steps, matrix.Ratios))])
        {
            Levels = [new Level(WatchedStep.RuleOfThumb, "about -3 is good")],
        };

    /// <summary>When the learning rate drops; nothing where the steps have not reached it.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="lastStep">The last step; null for none.</param>
    public static Moment[] Drop(Configuration configuration, double? lastStep)
    {
        if (!(lastStep >= configuration.DropAt))
        {
            return [];
        }
        (int step, double before, float after) =
            (configuration.DropAt, configuration.Recipe.LearningRate, configuration.LearningRate(configuration.DropAt));
        return [new Moment(step, string.Create(CultureInfo.InvariantCulture, $"step {step:N0}: rate {before} to {after}"))];
    }
}
