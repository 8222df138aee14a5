using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows all recipes beside each other.</summary>
static class RecipesPage
{
    /// <summary>From one seed.</summary>
    /// <param name="steps">The steps of each run.</param>
    /// <param name="vocabulary">The characters.</param>
    /// <param name="runs">The run of each recipe.</param>
    public static Page Of(int steps, Vocabulary vocabulary, IEnumerable<ShortRun> runs) => Of(
        steps, vocabulary, "", new Grid(["recipe", "parameters", "first loss", "train", "dev"], [.. Recipe.All.Zip(runs, Row)]));

    /// <summary>From several seeds.</summary>
    /// <param name="steps">The steps of each run.</param>
    /// <param name="vocabulary">The characters.</param>
    /// <param name="seeds">How many seeds there are.</param>
    /// <param name="runs">The runs of each recipe.</param>
    public static Page Of(int steps, Vocabulary vocabulary, int seeds, IEnumerable<SeededRuns> runs) => Of(
        steps, vocabulary,
        $" All are means over {Format.Counted(seeds, "seed")}, those of the splits with their standard deviation: recipes that are closer "
            + "to each other than that may differ by chance alone.",
        new Grid(["recipe", "parameters", "first loss", "train", "dev", "diverged"], [.. Recipe.All.Zip(runs, Row)]));

    /// <summary>The losses of the runs that did not diverge; null where all did.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="loss">Which of their losses.</param>
    public static LossSpread? Spread(SeededRuns runs, Func<ShortRunLosses, double> loss)
    {
        double[] losses = [.. runs.Runs.Select(run => run.Losses).OfType<ShortRunLosses>().Select(loss)];
        return losses.Length == 0 ? null : LossSpread.Of(losses);
    }

    static Page Of(int steps, Vocabulary vocabulary, string onSeeds, Grid table) => new(
        "The lectures' networks",
        [
            new Section($"After {Format.Counted(steps, "step")}")
            {
                Text = $"""
                    The first loss is that of the first batch, before any step. It should be about that of a guess which gives each
                    character the same probability: ln V = {Format.Loss(vocabulary.UniformLoss)}. The others are the means over two splits
                    afterwards.{onSeeds}
                    """.ReplaceLineEndings(" "),
                Grid = table,
            },
            new Section("What each teaches")
            {
                Grid = new Grid(["recipe", "lesson"], [.. Recipe.All.Select(recipe => new[] { recipe.Name, recipe.Summary })])
                {
                    HoldsText = true,
                },
            },
        ]);

    static string[] Row(Recipe recipe, ShortRun run)
    {
        string[] losses = run.Losses is { } after
            ? [Format.Loss(after.Train), Format.Loss(after.Dev)]
            : [$"diverged at step {Format.Count(run.DivergedAt!.Value)}", ""];
        return [recipe.Name, Format.Count(run.Parameters), Format.Loss(run.FirstLoss), .. losses];
    }

    static string[] Row(Recipe recipe, SeededRuns runs) =>
    [
        recipe.Name, Format.Count(runs.Parameters), Format.Loss(runs.FirstLoss),
        Describe(Spread(runs, losses => losses.Train)), Describe(Spread(runs, losses => losses.Dev)),
        runs.Diverged == 0 ? "" : $"{Format.Count(runs.Diverged)} of {Format.Count(runs.Runs.Count)}",
    ];

    static string Describe(LossSpread? spread) => spread switch
    {
        null => "",
        { Count: 1 } => Format.Loss(spread.Mean),
        _ => $"{Format.Loss(spread.Mean)} ± {Format.Loss(spread.Deviation)}",
    };
}
