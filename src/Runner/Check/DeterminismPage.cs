using System.Globalization;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Check;

/// <summary>Shows a training that was run in many ways, each run beside another.</summary>
static class DeterminismPage
{
    /// <summary>The page. The last line is the verdict.</summary>
    /// <param name="configuration">The settings of the training.</param>
    /// <param name="source">What the names are.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="comparisons">The runs beside each other.</param>
    public static Page Of(
        Configuration configuration, string source, IReadOnlyList<TrainedRun> runs, IReadOnlyList<RunComparison> comparisons)
    {
        RunComparison[] must = [.. comparisons.Where(comparison => comparison.MustBeEqual)];
        RunComparison[] may = [.. comparisons.Where(comparison => !comparison.MustBeEqual)];
        string[] vectors = [.. runs.Select(run => $"{run.Accelerator} {run.Vectors}").Distinct()];
        return new Page("One training, run in many ways",
        [
            new Section("The training")
            {
                Grid = new Grid(
                    ["what", "value"],
                    [
                        ["names", source],
                        ["seed", configuration.Seed.ToString(CultureInfo.InvariantCulture)],
                        ["steps", Format.Count(configuration.Steps)],
                        ["batch", Format.Count(configuration.Recipe.Batch)],
                        ["hidden", Format.Count(configuration.Recipe.Hidden.Single())],
                        ["vectors", string.Join(", ", vectors)],
                    ])
                {
                    HoldsText = true,
                },
            },
            Table(
                "On one accelerator, by one strategy",
                "These must have the same bits: no result depends on the threads, on how many steps a launch takes, or on what looks at "
                + "the network or stops it in between.",
                must),
            .. may.Length == 0 ? (Section[])[] : [Table(
                "On another accelerator, or by another strategy",
                "These may differ: sums are taken in another order, and training carries a difference of one rounding on from step to "
                + "step. In ulps, the spacing of float32 at the largest loss, and at the largest value of the tensor that differs most.",
                may)],
            new Section("The same bits")
            {
                Lines = [$"{must.Count(pair => pair.AreEqual)} of {must.Length} runs have the bits that they must have"],
            },
        ]);
    }

    /// <summary>The same as numbers.</summary>
    /// <param name="configuration">The settings of the training.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="comparisons">The runs beside each other.</param>
    public static object Result(
        Configuration configuration, IReadOnlyList<TrainedRun> runs, IReadOnlyList<RunComparison> comparisons) => new
        {
            configuration.Seed,
            configuration.Steps,
            configuration.Recipe.Batch,
            Hidden = configuration.Recipe.Hidden.Single(),
            Runs = runs.Select(run => new { Run = NameOf(run), run.Accelerator, run.Vectors, run.Strategy, Way = run.Way.Name }),
            Comparisons = comparisons.Select(comparison => new
            {
                Run = NameOf(comparison.Run),
                Beside = NameOf(comparison.Other),
                comparison.MustBeEqual,
                comparison.AreEqual,
                comparison.LossUlps,
                ParameterUlps = comparison.TensorUlps,
            }),
            Faults = comparisons.Count(comparison => comparison.IsFault),
        };

    static Section Table(string title, string text, IReadOnlyList<RunComparison> comparisons) => new(title)
    {
        Text = text,
        Grid = new Grid(
            ["run", "beside", "losses", "parameters"],
            [.. comparisons.Select(pair => (string[])[NameOf(pair.Run), NameOf(pair.Other), .. Differences(pair)])])
        {
            HoldsText = true,
        },
    };

    static string NameOf(TrainedRun run) => $"{run.Accelerator} {run.Strategy}, {run.Way.Name}";

    static string[] Differences(RunComparison pair) => pair.AreEqual
        ? ["equal bits", "equal bits"]
        : [$"{Format.Ulps(pair.LossUlps)} ulps", $"{Format.Ulps(pair.TensorUlps)} ulps"];
}
