using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.History;

/// <summary>Runs beside each other: in which settings they differ, what losses they came to, and how.</summary>
static class ComparisonPage
{
    const string Unknown = "–";

    static readonly string[] Splits = ["train", "dev", "test"];

    /// <summary>The page.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="settings">The settings in which they differ.</param>
    public static Page Of(IReadOnlyList<ComparedRun> runs, IReadOnlyList<DifferentSetting> settings)
    {
        string[] names = Names(runs);
        return new Page(
            $"{Format.Counted(runs.Count, "run")} compared", [Settings(names, settings), Losses(names, runs), Curves(names, runs)]);
    }

    static Section Settings(string[] names, IReadOnlyList<DifferentSetting> settings) => new("Settings that differ")
    {
        Text = settings.Count == 0 ? "None: the runs have the same settings." : "",
        Grid = settings.Count == 0 ? null : new Grid(
            ["setting", .. names],
            [.. settings.Select(setting => (string[])[setting.Name, .. setting.Values.Select(value => ShownText.Short(value ?? Unknown))])])
        {
            HoldsText = true,
        },
    };

    static Section Losses(string[] names, IReadOnlyList<ComparedRun> runs) => new("Losses")
    {
        Text = runs.All(run => run.Listed.Losses is not null)
            ? "The means over all examples of each split, after the last step."
            : "The means over all examples of each split, after the last step. Of a run that has not ended, or one of an earlier version, "
                + "they are not known: its dev loss is the one that was measured last, maybe on a part of the split.",
        Grid = new Grid(
            ["run", "steps", .. Splits, "steps/s", "took"],
            [
                .. names.Zip(runs, (name, run) => (string[])
                [
                    name,
                    Format.Count(run.Run.Model.Step),
                    .. Splits.Select(split => run.Listed.Loss(split) is { } loss ? Format.Loss(loss) : Unknown),
                    run.Listed.StepsPerSecond is { } speed ? Format.Count((long)speed) : Unknown,
                    run.Listed.Seconds is { } seconds ? Format.Duration(seconds) : Unknown,
                ]),
            ]),
    };

    static Section Curves(string[] names, IReadOnlyList<ComparedRun> runs)
    {
        Series[] training = [.. names.Zip(runs, (name, run) => RunCurves.Averaged(run.Run) with { Name = name })];
        Series[] dev =
        [
            .. names.Zip(runs, (name, run) => RunCurves.Dev(run.Run, run.Listed.Losses?["dev"]).Select(curve => curve with { Name = name }))
                .SelectMany(curves => curves),
        ];
        return new Section("On the way")
        {
            Text = "The training loss is shown without its jumps, each point the mean over a stretch of steps.",
            Pictures =
            [
                RunCharts.Losses("loss", "Training loss", training),
                .. dev.Length > 0 ? (Picture[])[RunCharts.Losses("dev-loss", "Dev loss", dev)] : [],
            ],
        };
    }

    // The names of the folders; with what is above them where two have the same name.
    static string[] Names(IReadOnlyList<ComparedRun> runs) => runs.DistinctBy(run => run.Listed.Name).Count() == runs.Count
        ? [.. runs.Select(run => ShownText.Short(run.Listed.Name))]
        : [.. runs.Select(run => ShownText.Short(run.Listed.Path))];
}
