using System.Globalization;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Settings that tuning has tried.</summary>
/// <param name="Settings">What changes in the settings of the call; nothing where it is these.</param>
/// <param name="Recipe">The network with them.</param>
/// <param name="Steps">The steps of the longest training that they had.</param>
/// <param name="DevLoss">The dev loss after these; infinite where the training diverged.</param>
sealed record TriedSettings(IReadOnlyList<Setting> Settings, Recipe Recipe, int Steps, double DevLoss)
{
    /// <summary>Whether these are the settings of the call.</summary>
    public bool IsDefault => Settings.Count == 0;
}

/// <summary>What tuning has found.</summary>
/// <param name="Tried">The settings, the best ones first.</param>
/// <param name="Seconds">How long it took.</param>
sealed record Tuning(IReadOnlyList<TriedSettings> Tried, double Seconds)
{
    const int Shown = 5;

    /// <summary>The best settings.</summary>
    public TriedSettings Best => Tried[0];

    /// <summary>The settings of the call, which were trained to the end, too.</summary>
    public TriedSettings Default => Tried.Single(tried => tried.IsDefault);

    /// <summary>The best of the settings, and those of the call.</summary>
    public Page Page => new("Settings tried", [new Section("By dev loss")
    {
        Text = "The best quarter was trained anew for four times the steps, and the best quarter of these to the end: a quarter of those "
            + "with an L2 loss and without, with a higher rate and without.",
        Grid = new Grid(
            ["", .. TuningDesign.Names, "steps", "dev", "note"],
            [.. Tried.Index().Where(tried => tried.Index < Shown || tried.Item.IsDefault).Select(tried => Row(tried.Index, tried.Item))])
        {
            EndsInText = true,
        },
    }]);

    /// <summary>What the tuning has gained, in a line.</summary>
    public string Gain => this switch
    {
        { Best.IsDefault: true } => $"none of the settings was better than those of the default recipe, {Dev(Default)}, which are kept",
        { Default.DevLoss: double.PositiveInfinity } => $"{Dev(Best)}, the default recipe diverged",
        _ => $"{Dev(Best)}, the default recipe {Format.Loss(Default.DevLoss)}: "
            + $"{Format.Fixed(Default.DevLoss - Best.DevLoss, 4)} lower",
    };

    static string Dev(TriedSettings tried) => double.IsFinite(tried.DevLoss) ? $"dev {Format.Loss(tried.DevLoss)}" : "diverged";

    static string[] Row(int index, TriedSettings tried) =>
    [
        $"{index + 1}",
        tried.Recipe.LearningRate.ToString(CultureInfo.InvariantCulture),
        string.Join(',', tried.Recipe.Hidden),
        $"{tried.Recipe.Embedding}",
        tried.Recipe.L2.Count == 0 ? "0" : string.Join(',', tried.Recipe.L2.Values.Distinct().Select(value => $"{value:R}")),
        Format.Count(tried.Steps),
        double.IsFinite(tried.DevLoss) ? Format.Loss(tried.DevLoss) : "diverged",
        tried.IsDefault ? "the default recipe" : "",
    ];
}
