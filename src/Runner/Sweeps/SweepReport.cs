using System.CommandLine;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Tells what came of a sweep: its page, its table and its result.</summary>
/// <param name="parsed">The call, with <see cref="SweepRunOptions.Csv"/>.</param>
/// <param name="session">Where to tell it.</param>
/// <param name="plan">The sweep.</param>
/// <param name="folder">Its folder, which gets the page.</param>
sealed class SweepReport(ParseResult parsed, Session session, SweepPlan plan, string folder)
{
    /// <summary>Tells it. A part has no page: it is not compared with the others.</summary>
    /// <param name="results">The networks that have ended.</param>
    /// <param name="seconds">How long this call has trained.</param>
    /// <param name="stepsPerSecond">The steps of all networks in a second meanwhile; 0 where this call has trained none.</param>
    public void Write(IReadOnlyList<NetworkResult> results, double seconds, double stepsPerSecond)
    {
        NetworkResult? best = SweepComparison.Of(results).Best;
        string? model = best is null || plan.Settings.Keep == KeptModels.None ? null : Path.Combine(folder, SweepFolder.ModelFileName);
        string command = best is null ? "" : plan.CommandOf(best.Network.Number);
        session.Text.WriteLine();
        OutputFolder.Clear(folder);
        string? report = plan.Settings.Part is null ? WritePage(results, seconds, stepsPerSecond, model, command) : null;
        if (parsed.GetValue(SweepRunOptions.Csv) is { } csv)
        {
            SweepCsv.Write(csv, results);
            session.Fact("table", csv);
        }
        if (model is not null)
        {
            session.Fact("model", model);
        }
        session.Result(new
        {
            Networks = results.Count,
            Steps = results.Sum(result => (long)result.Outcome.Steps),
            StepsPerSecond = stepsPerSecond,
            Trained = Count(NetworkEnd.Trained),
            Dropped = Count(NetworkEnd.Dropped),
            Diverged = Count(NetworkEnd.Diverged),
            Best = best is null
                ? null
                : new
                {
                    best.Network.Number,
                    Settings = best.Network.Settings.ToDictionary(setting => setting.Name, setting => setting.Value),
                    best.Outcome.Losses,
                    Model = model,
                    Command = command,
                },
            Folder = folder,
            Report = report,
        });

        int Count(NetworkEnd end) => results.Count(result => result.Outcome.End == end);
    }

    string WritePage(IReadOnlyList<NetworkResult> results, double seconds, double stepsPerSecond, string? model, string command)
    {
        double uniform = plan.DataOf(results[0].Network.Configuration.Recipe.Context).Vocabulary.UniformLoss;
        var summary = new SweepSummary(plan.Grid.Names, results, plan.Grid.Count, uniform, seconds, stepsPerSecond, model, command);
        return PageFiles.Write(session, SweepPage.Of(summary), folder).Report;
    }
}
