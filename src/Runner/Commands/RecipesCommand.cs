using System.CommandLine;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Explore;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>All recipes beside each other: their first loss, their losses after a short run, and what each teaches.</summary>
static class RecipesCommand
{
    const int DefaultSteps = 1000;

    static readonly Option<int?> Steps = CommonOptions.Number<int>("--steps", $"steps of each run; {Format.Count(DefaultSteps)}");

    static readonly Option<int?> SeedCount = CommonOptions.Number<int>(
        "--seeds", "from how many seeds each recipe runs, --seed and those that follow it, trained at once: the losses are then means and "
        + "standard deviations; 1");

    public static Command Create() =>
        new("recipes", "all recipes beside each other: the first loss, the losses after a short run, and what each teaches")
        {
            DataOptions.All, CommonOptions.Accelerator, StrategyOptions.All, Steps, NetworkOptions.Seed, SeedCount,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        NamesFile names = NamesLocation.Read(session, parsed.GetValue(DataOptions.Data), DataOptions.Resolve(parsed));
        Dataset data = Dataset.Create(names, Recipe.Default.Context);
        int steps = CommonOptions.AtLeast(parsed, Steps, 1) ?? DefaultSteps;
        int seeds = CommonOptions.AtLeast(parsed, SeedCount, 1) ?? 1;
        using var started = StrategyOptions.Start(parsed);
        Strategy StrategyFor(Recipe recipe) => StrategyOptions.Resolve(parsed, started, recipe, data.Vocabulary.Count);
        using var progress = SlowRuns.Of(session);
        using var context = new ExperimentContext(
            started.Kernels, data, StrategyFor, parsed.GetValue(NetworkOptions.Seed) ?? Seeds.LectureSeed, session.Cancellation)
        {
            Progress = progress,
            Threads = StrategyOptions.ThreadsOf(parsed),
        };
        foreach (Recipe recipe in Recipe.All)
        {
            // A strategy that a recipe cannot have is refused before the first recipe runs.
            StrategyFor(recipe);
        }

        session.Tell("names", NamesLocation.Describe(names, parsed.GetValue(DataOptions.Data)));
        session.Tell("accelerator", $"{started.Found.Name}, {started.Found.Description}");
        session.TellEnd();
        if (seeds == 1)
        {
            RunOnce(context, progress, session, steps, started.Found.Name);
        }
        else
        {
            RunSeeds(context, progress, session, steps, seeds, started.Found.Name);
        }
        return 0;
    }

    static void RunOnce(ExperimentContext context, SlowRuns progress, Session session, int steps, string accelerator)
    {
        ShortRun[] runs = [.. Recipe.All.Select(recipe => ShortRun.Run(context, recipe, steps))];
        progress.Dispose();
        ConsolePage.Write(session, RecipesPage.Of(steps, context.Data.Vocabulary, runs));
        session.Result(new
        {
            Steps = steps,
            context.Data.Vocabulary.UniformLoss,
            Accelerator = accelerator,
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
    }

    static void RunSeeds(ExperimentContext context, SlowRuns progress, Session session, int steps, int seeds, string accelerator)
    {
        IReadOnlyList<SeededRuns> all = SeededRuns.Run(context, Recipe.All, steps, seeds);
        progress.Dispose();
        ConsolePage.Write(session, RecipesPage.Of(steps, context.Data.Vocabulary, seeds, all));
        session.Result(new
        {
            Steps = steps,
            Seeds = seeds,
            context.Data.Vocabulary.UniformLoss,
            Accelerator = accelerator,
            Recipes = Recipe.All.Zip(all, (recipe, runs) => new
            {
                recipe.Name,
                Teaches = recipe.Summary,
                runs.Strategy,
                runs.Parameters,
                runs.FirstLoss,
                Train = RecipesPage.Spread(runs, losses => losses.Train),
                Dev = RecipesPage.Spread(runs, losses => losses.Dev),
                runs.Diverged,
                runs.Runs,
            }),
        });
    }
}
