using Makemore.Gpu.Runner.Inspect;

namespace Makemore.Gpu.Runner.History;

/// <summary>A setting in which runs differ.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its value in each run, in words; null where it has none: a momentum without BatchNorm.</param>
sealed record DifferentSetting(string Name, IReadOnlyList<string?> Values)
{
    const string Fingerprint = "data sha256";
    const int FingerprintDigits = 8;

    // They follow from others, stand in config.json more exactly, or tell where the names are and not which.
    static readonly string[] OfRecipeAlone = ["it teaches", "steps", "learning rate", "seed", "seed of the batches", "names"];
    static readonly string[] Following = ["normalization seed", "data source"];

    /// <summary>The settings in which runs differ. What an earlier version did not write down counts for no difference.</summary>
    /// <param name="runs">The runs.</param>
    public static IReadOnlyList<DifferentSetting> Of(IReadOnlyList<ComparedRun> runs)
    {
        Dictionary<string, string>[] ofRecipe =
        [
            .. runs.Select(run => SettingsSection.Rows(run.Run).Where(row => !OfRecipeAlone.Contains(row[0]))
                .ToDictionary(row => row[0], row => row[1])),
        ];
        IReadOnlyDictionary<string, string>[] ofRun = [.. runs.Select(SettingsOf)];
        return
        [
            .. Different(ofRecipe),
            .. Different(ofRun).Where(setting => !Following.Contains(setting.Name) && !setting.Values.Contains(null)),
        ];
    }

    static IEnumerable<DifferentSetting> Different(IReadOnlyDictionary<string, string>[] settings) =>
        from name in settings.SelectMany(all => all.Keys).Distinct()
        let values = settings.Select(all => all.GetValueOrDefault(name)).ToArray()
        where values.Distinct().Count() > 1
        select new DifferentSetting(name, values);

    static Dictionary<string, string> SettingsOf(ComparedRun run)
    {
        Dictionary<string, string> settings = run.Settings.OfRun.ToDictionary();
        settings["learning rate"] = FormattableString.Invariant(
            $"{run.Settings.Configuration.Recipe.LearningRate}, then {(float)run.Settings.Configuration.Recipe.FinalLearningRate}");
        if (settings.Remove(Fingerprint, out string? sum))
        {
            settings["names"] = $"{run.Settings.Data} ({sum[..Math.Min(FingerprintDigits, sum.Length)]})";
        }
        return settings;
    }
}
