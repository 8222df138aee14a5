using Makemore.Gpu.Model.Sweeps;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The networks with the same settings but for their seeds.</summary>
/// <param name="Settings">The settings, without the seed.</param>
/// <param name="Results">The networks that have ended.</param>
sealed record SettingsGroup(IReadOnlyList<Setting> Settings, IReadOnlyList<NetworkResult> Results)
{
    /// <summary>Those that were trained to their last step, and whose dev loss is a number.</summary>
    public IReadOnlyList<NetworkResult> Trained { get; } = [.. Results.Where(IsTrained)];

    /// <summary>Those that successive halving left behind.</summary>
    public IReadOnlyList<NetworkResult> Dropped { get; } = [.. Results.Where(IsDropped)];

    /// <summary>Those whose loss became infinite or not a number.</summary>
    public IReadOnlyList<NetworkResult> Diverged { get; } = [.. Results.Where(result => !IsTrained(result) && !IsDropped(result))];

    /// <summary>The settings in a line, such as "hidden 200, learning-rate 0.1"; "all settings" where there are none.</summary>
    public string Name =>
        Settings.Count == 0 ? "all settings" : string.Join(", ", Settings.Select(setting => $"{setting.Name} {setting.Value}"));

    /// <summary>Whether a network was trained to its last step, and its dev loss is a number.</summary>
    /// <param name="result">The network.</param>
    public static bool IsTrained(NetworkResult result) =>
        result.Outcome.End == NetworkEnd.Trained && double.IsFinite(result.Outcome.DevLoss);

    /// <summary>The losses of those that were trained; null where none was.</summary>
    /// <param name="split">The split.</param>
    public LossSpread? LossOf(string split) =>
        Trained.Count == 0 ? null : LossSpread.Of([.. Trained.Select(result => result.Outcome.Losses![split])]);

    static bool IsDropped(NetworkResult result) =>
        result.Outcome.End == NetworkEnd.Dropped && double.IsFinite(result.Outcome.DevLoss);
}
