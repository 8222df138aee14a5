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
/// <param name="DefaultDev">
/// The dev loss of the call's own settings after all steps, infinite where their training diverged; null where no others were better.
/// </param>
/// <param name="Seconds">How long it took.</param>
sealed record Tuning(IReadOnlyList<TriedSettings> Tried, double? DefaultDev, double Seconds)
{
    const int Shown = 5;

    /// <summary>The best settings.</summary>
    public TriedSettings Best => Tried[0];

    /// <summary>Whether the model of the best settings is kept: they are the call's own, or better after all steps.</summary>
    /// <param name="devLoss">The dev loss of their training; infinite where it diverged.</param>
    public bool IsKept(double devLoss) => DefaultDev is not { } own || devLoss < own;

    /// <summary>The best of the settings, and those of the call.</summary>
    public Page Page => new("Settings tried", [new Section("By dev loss")
    {
        Text = "The trainings with more steps were those of the better half of the settings, again and again.",
        Grid = new Grid(
            ["", .. TuningDesign.Names, "steps", "dev", "note"],
            [.. Tried.Index().Where(tried => tried.Index < Shown || tried.Item.IsDefault).Select(tried => Row(tried.Index, tried.Item))])
        {
            EndsInText = true,
        },
    }]);

    /// <summary>What the tuning has gained, in a line.</summary>
    /// <param name="devLoss">The dev loss of the training by the best settings; infinite where it diverged.</param>
    public string Describe(double devLoss) => DefaultDev switch
    {
        null => $"no other of {Format.Count(Tried.Count)} settings was better than the default recipe, which is kept",
        { } own when !IsKept(devLoss) => $"{Dev(devLoss)}, the default recipe {Dev(own)}: not lower, the default recipe is kept",
        double.PositiveInfinity => $"{Dev(devLoss)}, the default recipe diverged",
        { } own => $"{Dev(devLoss)}, the default recipe {Format.Loss(own)}: {Format.Fixed(own - devLoss, 4)} lower",
    };

    static string Dev(double loss) => double.IsFinite(loss) ? $"dev {Format.Loss(loss)}" : "diverged";

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
