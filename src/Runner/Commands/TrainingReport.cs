using System.Text.Json.Serialization;
using Makemore.Gpu.Model.Checkpoints;

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
/// <param name="Settings">The best settings, by option; none where those of the call were the best.</param>
/// <param name="IsKept">Whether the model is theirs.</param>
/// <param name="Dev">The dev loss of the training by them, infinite where it diverged; null where it has not ended.</param>
/// <param name="DefaultDev">That of the call's own settings, infinite where it diverged; null where no others were better.</param>
/// <param name="Seconds">How long tuning took, with the training by the call's own settings.</param>
/// <param name="Tried">All settings that were tried, the best ones first.</param>
sealed record TuningReport(
    IReadOnlyDictionary<string, string> Settings, bool IsKept, double? Dev, double? DefaultDev, double Seconds,
    IReadOnlyList<TriedReport> Tried);

/// <summary>Settings that were tried, as JSON.</summary>
/// <param name="Settings">The settings, by option; none for those of the call.</param>
/// <param name="Steps">The steps of the longest training that they had.</param>
/// <param name="Dev">The dev loss after these; infinite where it diverged.</param>
sealed record TriedReport(IReadOnlyDictionary<string, string> Settings, int Steps, double Dev);
