using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Display;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>All recipes beside each other: their first loss, their losses after a short run, and what each teaches.</summary>
static class RecipesCommand
{
    const int DefaultSteps = 1000;

    static readonly Option<int?> Steps = CommandLine.Number<int>("--steps", $"steps of each run; {Format.Count(DefaultSteps)}");

    public static Command Create() => new("recipes", "all recipes beside each other: the first loss, the losses after a short run, and what each teaches")
    {
        CommandLine.Data, CommandLine.Accelerator, StrategyOptions.All, Steps, NetworkOptions.Seed,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        NamesFile names = NamesLocation.Read(parsed.GetValue(CommandLine.Data));
        Dataset data = Dataset.Create(names, Recipe.Default.Context);
        int steps = parsed.GetValue(Steps) ?? DefaultSteps;
        if (steps < 1)
        {
            throw new InvalidRequestException($"--steps is {steps} and must be at least 1");
        }
        // The rate does not drop: so early, that would only hide how fast a recipe learns.
        Configuration[] configurations =
            [.. Recipe.All.Select(recipe => Configuration.Resolve(recipe, data.Train.Count, steps, dropAt: steps, parsed.GetValue(NetworkOptions.Seed)))];
        Array.ForEach(configurations, configuration => configuration.Validate(data.Vocabulary.Count));
        using var started = new StartedAccelerator(parsed.GetValue(CommandLine.Accelerator)!);
        Strategy[] strategies = [.. Recipe.All.Select(recipe => StrategyOptions.Resolve(parsed, started.Found, recipe, data.Vocabulary.Count))];

        session.Text.WriteLine($"names        {NamesLocation.Describe(names, parsed.GetValue(CommandLine.Data))}");
        session.Text.WriteLine($"accelerator  {started.Found.Name}, {started.Found.Description}");
        session.Text.WriteLine($"runs         {Format.Count(steps)} steps each, at the recipe's own learning rate");
        IEnumerable<ShortRun> runs = configurations.Zip(
            strategies, (configuration, strategy) => ShortRun.Run(started.Kernels, configuration, data, strategy, session.Cancellation));
        ShortRun[] done = Show(session, runs);
        session.Text.WriteLine(
            $"The first loss is that of the first batch; a guess that gives each character the same probability has ln V = {Format.Loss(data.Vocabulary.UniformLoss)}.");
        session.Text.WriteLine();
        session.Tables.Write(Lessons());

        session.Result(new
        {
            Steps = steps,
            data.Vocabulary.UniformLoss,
            Accelerator = started.Found.Name,
            Recipes = Recipe.All.Zip(strategies, done).Select(run => new
            {
                run.First.Name,
                Teaches = run.First.Summary,
                Strategy = run.Second.Name,
                run.Third.Parameters,
                run.Third.FirstLoss,
                run.Third.Losses,
                run.Third.DivergedAt,
            }),
        });
        return 0;
    }

    // On a terminal the table grows with each run.
    static ShortRun[] Show(Session session, IEnumerable<ShortRun> runs)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("recipe").NoWrap());
        foreach (string column in new[] { "parameters", "first loss", "train", "dev" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }
        ShortRun[] AddAll(Action show) =>
        [
            .. Recipe.All.Zip(runs, (recipe, run) =>
            {
                table.AddRow(
                    [
                        recipe.Name, Format.Count(run.Parameters), Format.Loss(run.FirstLoss),
                        .. run.Losses is { } losses
                            ? new[] { Format.Loss(losses.Train), Format.Loss(losses.Dev) }
                            : [$"diverged at step {Format.Count(run.DivergedAt!.Value)}", ""],
                    ]);
                show();
                return run;
            }),
        ];
        if (session.IsTerminal)
        {
            return session.Tables.Live(table).Start(live => AddAll(live.Refresh));
        }
        ShortRun[] done = AddAll(() => { });
        session.Tables.Write(table);
        return done;
    }

    static Table Lessons()
    {
        Table table = new Table().Border(TableBorder.None).HideHeaders().AddColumns(new TableColumn("recipe").NoWrap(), new TableColumn("what it teaches"));
        foreach (Recipe recipe in Recipe.All)
        {
            table.AddRow(recipe.Name, Markup.Escape(recipe.Summary));
        }
        return table;
    }
}
