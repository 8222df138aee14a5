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

/// <summary>The lectures' small experiments, each a table, its pictures, and what to look at.</summary>
static class ExploreCommand
{
    static readonly Argument<string?> Name = new("NAME")
    {
        Description = "the experiment, with the options that it takes beside those that all take"
            + string.Concat(Exploration.All.Select(exploration => $"\n- {exploration.Description}")),
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { Exploration.Names.ToArray() },
    };

    static readonly Option<ulong?> Seed = CommonOptions.Number<ulong>("--seed", $"seed of all random numbers; {Seeds.LectureSeed}");

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "the folder of the pictures and the report; runs/explore-NAME-N with the next free N",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a folder that exists" };

    public static Command Create() => new("explore", "one of the lectures' small experiments: its table, its pictures, and what to look at")
    {
        Name, DataOptions.All, CommonOptions.Accelerator, StrategyOptions.All, ExplorationOptions.All, Seed, Folder, Force,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        // Everything that can be wrong is found before anything is written.
        var exploration = Exploration.Named(parsed.GetValue(Name));
        ExplorationSettings settings = ExplorationOptions.Resolve(parsed, exploration);
        string? folder = parsed.GetValue(Folder);
        bool force = parsed.GetValue(Force);
        OutputFolder.CheckFree(folder, force, [OutputFolder.ReportFile]);
        string? asked = parsed.GetValue(DataOptions.Data);
        NamesFile names = NamesLocation.Read(session, asked, DataOptions.Resolve(parsed));
        Dataset data = Dataset.Create(names, Recipe.Default.Context);
        using var started = StrategyOptions.Start(parsed);
        Strategy StrategyFor(Recipe recipe) => StrategyOptions.Resolve(parsed, started, recipe, data.Vocabulary.Count);
        StrategyFor(Recipe.Default);

        session.Tell("names", NamesLocation.Describe(names, asked));
        session.Tell("accelerator", $"{started.Found.Name}, {started.Found.Description}");
        session.TellEnd();
        using var progress = SlowRuns.Of(session);
        using var context = new ExperimentContext(
            started.Kernels, data, StrategyFor, parsed.GetValue(Seed) ?? Seeds.LectureSeed, session.Cancellation)
        {
            Bins = settings.Bins,
            Progress = progress,
            Threads = StrategyOptions.ThreadsOf(parsed),
        };
        Finding finding = exploration.Run(context, settings);
        progress.Dispose();
        session.Cancellation.ThrowIfCancellationRequested();
        OutputFolder.WritePage(folder, $"explore-{exploration.Name}", force, path => PageFiles.Write(session, finding.Page, path));
        session.Result(finding.Result);
        return 0;
    }
}
