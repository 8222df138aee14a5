using System.Text.Json.Serialization;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Sweeps;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>What the command <c>train</c> gives as JSON.</summary>
/// <param name="Steps">The steps that were completed.</param>
/// <param name="Losses">The losses of the splits; null where it was interrupted.</param>
/// <param name="StepsPerSecond">The speed.</param>
/// <param name="Accelerator">The device.</param>
/// <param name="Strategy">The form of a step.</param>
/// <param name="Model">The file of the model.</param>
/// <param name="Metrics">The file of losses.</param>
/// <param name="BestDev">The lowest dev loss on the way.</param>
/// <param name="IsInterrupted">Whether it was interrupted.</param>
/// <param name="Tuned">What tuning found; missing without it.</param>
sealed record TrainingReport(
    int Steps, IReadOnlyDictionary<string, double>? Losses, double StepsPerSecond, string Accelerator, string Strategy, string Model,
    string Metrics, DevPoint? BestDev, bool IsInterrupted,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TuningReport? Tuned);

/// <summary>What tuning found, as JSON.</summary>
/// <param name="Settings">The settings that were chosen, by option; none where those of the call were the best.</param>
/// <param name="Dev">Their dev loss after all steps; infinite where the training diverged.</param>
/// <param name="DefaultDev">That of the call's own settings.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Tried">All settings that were tried, the best ones first.</param>
sealed record TuningReport(
    IReadOnlyDictionary<string, string> Settings, double Dev, double DefaultDev, double Seconds, IReadOnlyList<TriedReport> Tried)
{
    /// <summary>What a tuning found.</summary>
    /// <param name="tuning">The tuning.</param>
    public static TuningReport Of(Tuning tuning) => new(
        SettingsOf(tuning.Best), tuning.Best.DevLoss, tuning.Default.DevLoss, tuning.Seconds,
        [.. tuning.Tried.Select(tried => new TriedReport(SettingsOf(tried), tried.Steps, tried.DevLoss))]);

    static Dictionary<string, string> SettingsOf(TriedSettings tried) =>
        tried.Settings.ToDictionary(setting => setting.Name, setting => setting.Value);
}

/// <summary>Settings that were tried, as JSON.</summary>
/// <param name="Settings">The settings, by option; none for those of the call.</param>
/// <param name="Steps">The steps of the longest training that they had.</param>
/// <param name="Dev">The dev loss after these; infinite where it diverged.</param>
sealed record TriedReport(IReadOnlyDictionary<string, string> Settings, int Steps, double Dev);
