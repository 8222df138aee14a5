using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Cells of tables and parts of pictures that several experiments share.</summary>
static class Cells
{
    /// <summary>A factor with the digits that it has: 0.2, 50, 5/3.</summary>
    /// <param name="factor">The factor, a 32-bit number or one that was rounded from it.</param>
    public static string Factor(double factor) =>
        (float)factor == 5f / 3 ? "5/3" : ((float)factor).ToString(CultureInfo.InvariantCulture);

    /// <summary>A number with its sign, and +0.00 where it rounds to 0.</summary>
    /// <param name="value">The number.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Signed(double value, int decimals)
    {
        string text = Format.Signed(value, decimals);
        return text == Format.Signed(-0.0, decimals) ? Format.Signed(0, decimals) : text;
    }

    /// <summary>The loss at the end of a training, or when it diverged.</summary>
    /// <param name="training">The training.</param>
    public static string FinalLoss(TrainingRecord training) =>
        training.DivergedAt is { } step ? $"diverged at step {Format.Count(step)}" : Format.Loss(training.FinalLoss);

    /// <summary>The saturated part of a layer; nothing for one without tanh.</summary>
    /// <param name="layer">The layer.</param>
    public static string Saturated(LayerInspection layer) => layer.Saturation is { } saturation ? Format.Percent(saturation.Share) : "";

    /// <summary>How many units are dead, of how many.</summary>
    /// <param name="saturation">The layer.</param>
    public static string Dead(Saturation saturation) =>
        $"{Format.Count(saturation.DeadUnits.Count)} of {Format.Count(saturation.Outputs.GetLength(1))}";

    /// <summary>Values of consecutive steps as a line.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="values">A value for each step.</param>
    public static Series PerStep(string name, IReadOnlyList<float> values) =>
        new(name, [.. values.Select((_, step) => (double)step)], [.. values.Select(value => (double)value)]);

    /// <summary>How large the updates of a training were beside what they update, with the rule of thumb to compare with.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="history">The updates.</param>
    public static Chart Updates(string name, string title, UpdateHistory history) =>
        RunSections.Updates(name, title, [.. history.Steps.Select(step => (double)step)], history.Matrices.Zip(history.Ratios));
}
