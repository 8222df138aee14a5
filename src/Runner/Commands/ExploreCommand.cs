using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
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

/// <summary>The lectures' small experiments, each a table, its pictures, and what to look at.</summary>
static class ExploreCommand
{
    static readonly Argument<string?> Name = new("NAME")
    {
        Description = "the experiment"
            + string.Concat(Exploration.All.Select(exploration => $"\n- {exploration.Name}: {exploration.Summary}")),
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<int?> Steps = CommonOptions.Number<int>(
        "--steps", "steps of each training, in the experiments that train; 1,000, and 10,000 for calibration");

    static readonly Option<ulong?> Seed = CommonOptions.Number<ulong>("--seed", $"seed of all random numbers; {Seeds.LectureSeed}");

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "the folder of the pictures and the report; runs/explore-NAME-N with the next free N",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a folder that exists" };

    public static Command Create() => new("explore", "one of the lectures' small experiments: its table, its pictures, and what to look at")
    {
        Name, CommonOptions.Data, CommonOptions.Accelerator, StrategyOptions.All, Steps, Seed, Folder, Force,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        // Everything that can be wrong is found before anything is written.
        var exploration = Exploration.Named(parsed.GetValue(Name));
        int steps = ResolveSteps(exploration, parsed.GetValue(Steps));
        string path = parsed.GetValue(Folder) ?? OutputFolder.NextFree($"explore-{exploration.Name}");
        OutputFolder.CheckFree(path, parsed.GetValue(Force), [OutputFolder.ReportFile]);
        string? asked = parsed.GetValue(CommonOptions.Data);
        NamesFile names = NamesLocation.Read(asked);
        Dataset data = Dataset.Create(names, Recipe.Default.Context);
        using var started = StrategyOptions.Start(parsed);
        Strategy StrategyFor(Recipe recipe) => StrategyOptions.Resolve(parsed, started, recipe, data.Vocabulary.Count);
        StrategyFor(Recipe.Default);

        session.Text.WriteLine($"names        {NamesLocation.Describe(names, asked)}");
        session.Text.WriteLine($"accelerator  {started.Found.Name}, {started.Found.Description}");
        session.Text.WriteLine();
        using var context = new ExperimentContext(
            started.Kernels, data, StrategyFor, parsed.GetValue(Seed) ?? Seeds.LectureSeed, session.Cancellation);
        Finding finding = exploration.Run(context, steps);
        session.Cancellation.ThrowIfCancellationRequested();
        PageFiles.Write(session, finding.Page, OutputFolder.CreateForPage(path));
        session.Result(finding.Result);
        return 0;
    }

    static int ResolveSteps(Exploration exploration, int? asked) => (exploration.Steps, asked) switch
    {
        (null, null) => 0,
        (null, not null) => throw new InvalidRequestException($"{exploration.Name} trains nothing: leave out --steps"),
        (_, < 1) => throw new InvalidRequestException($"--steps is {asked} and must be at least 1"),
        ({ } usual, _) => asked ?? usual,
    };
}
