using System.CommandLine;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>All recipes beside each other: their first loss, their losses after a short run, and what each teaches.</summary>
static class RecipesCommand
{
    const int DefaultSteps = 1000;

    static readonly Option<int?> Steps = CommonOptions.Number<int>("--steps", $"steps of each run; {Format.Count(DefaultSteps)}");

    public static Command Create() =>
        new("recipes", "all recipes beside each other: the first loss, the losses after a short run, and what each teaches")
        {
            DataOptions.All, CommonOptions.Accelerator, StrategyOptions.All, Steps, NetworkOptions.Seed,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        NamesFile names = NamesLocation.Read(session, parsed.GetValue(DataOptions.Data), DataOptions.Resolve(parsed));
        Dataset data = Dataset.Create(names, Recipe.Default.Context);
        int steps = CommonOptions.AtLeast(parsed, Steps, 1) ?? DefaultSteps;
        using var started = StrategyOptions.Start(parsed);
        Strategy StrategyFor(Recipe recipe) => StrategyOptions.Resolve(parsed, started, recipe, data.Vocabulary.Count);
        using var progress = SlowRuns.Of(session);
        using var context = new ExperimentContext(
            started.Kernels, data, StrategyFor, parsed.GetValue(NetworkOptions.Seed) ?? Seeds.LectureSeed, session.Cancellation)
        {
            Progress = progress,
        };
        foreach (Recipe recipe in Recipe.All)
        {
            // A strategy that a recipe cannot have is refused before the first recipe runs.
            StrategyFor(recipe);
        }

        session.Text.WriteLine($"names        {NamesLocation.Describe(names, parsed.GetValue(DataOptions.Data))}");
        session.Text.WriteLine($"accelerator  {started.Found.Name}, {started.Found.Description}");
        session.Text.WriteLine();
        ShortRun[] runs = [.. Recipe.All.Select(recipe => ShortRun.Run(context, recipe, steps))];
        progress.Dispose();
        ConsolePage.Write(session, Describe(steps, data.Vocabulary, runs));

        session.Result(new
        {
            Steps = steps,
            data.Vocabulary.UniformLoss,
            Accelerator = started.Found.Name,
            Recipes = Recipe.All.Zip(runs, (recipe, run) => new
            {
                recipe.Name,
                Teaches = recipe.Summary,
                run.Strategy,
                run.Parameters,
                run.FirstLoss,
                run.Losses,
                run.DivergedAt,
            }),
        });
        return 0;
    }

    static Page Describe(int steps, Vocabulary vocabulary, IEnumerable<ShortRun> runs) => new(
        "The lectures' networks",
        [
            new Section($"After {Format.Count(steps)} steps")
            {
                Text = $"""
                    The first loss is that of the first batch, before any step. It should be about that of a guess which gives each
                    character the same probability: ln V = {Format.Loss(vocabulary.UniformLoss)}. The others are the means over two splits
                    afterwards.
                    """.ReplaceLineEndings(" "),
                Grid = new Grid(["recipe", "parameters", "first loss", "train", "dev"], [.. Recipe.All.Zip(runs, Row)]),
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
}
