using System.CommandLine;
using System.CommandLine.Parsing;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;
using Makemore.Gpu.Runner.Sweeps;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>
/// A training by the best of the settings that were tried, the run that <c>train</c> gives where they are options of its call; and then, if
/// that is no better, the training by the call's own settings in its folder.
/// </summary>
sealed class TunedTraining
{
    readonly ParseResult parsed;
    readonly NamesFile names;
    readonly Tuning tuning;
    string? folder;
    double? devLoss;

    TunedTraining(ParseResult parsed, NamesFile names, Tuning tuning)
    {
        this.parsed = parsed;
        this.names = names;
        this.tuning = tuning;
        folder = parsed.GetValue(RunOptions.Folder);
    }

    /// <summary>Whether the training is that by the call's own settings: it is kept, whatever comes of it.</summary>
    public bool IsOwn => tuning.Best.IsDefault || (devLoss is { } loss && !tuning.IsKept(loss));

    /// <summary>What was found, as JSON.</summary>
    public TuningReport Report => new(
        SettingsOf(tuning.Best), !IsOwn, devLoss, tuning.DefaultDev, tuning.Seconds,
        [.. tuning.Tried.Select(tried => new TriedReport(SettingsOf(tried), tried.Steps, tried.DevLoss))]);

    /// <summary>Tries settings.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to show them.</param>
    /// <exception cref="InvalidRequestException">The call cannot be.</exception>
    public static TunedTraining Begin(ParseResult parsed, Session session)
    {
        if (parsed.GetValue(RunOptions.Resume) is not null)
        {
            throw new InvalidRequestException(
                $"{RunOptions.Tune.Name} is for a new run, and one that goes on keeps the settings that it has: leave it out");
        }
        if (parsed.GetValue(RunOptions.DryRun))
        {
            throw new InvalidRequestException(
                $"{RunOptions.Tune.Name} trains, and {RunOptions.DryRun.Name} trains nothing: leave one of them out");
        }
        // Whatever is wrong with the training is found before anything is tried.
        using var planned = PlannedRun.Create(parsed, session, parsed.GetValue(RunOptions.Folder), parsed.GetValue(RunOptions.Watch));
        planned.CheckMemory();
        Tuning tuning = Tuner.Run(parsed, session, planned);
        ConsolePage.Write(session, tuning.Page);
        session.Text.WriteLine(
            $"{Format.Count(tuning.Tried.Count)} settings, tried in {Format.Duration(TimeSpan.FromSeconds(tuning.Seconds))}");
        session.Text.WriteLine();
        return new TunedTraining(parsed, planned.Data.File, tuning);
    }

    /// <summary>Prepares the training that comes next.</summary>
    /// <param name="session">Where to show it.</param>
    public TrainingJob Start(Session session)
    {
        ParseResult call = devLoss is null
            ? Call([.. tuning.Best.Settings.SelectMany(setting => new[] { $"--{setting.Name}", setting.Value })])
            : Call(parsed.GetValue(RunOptions.Force) ? [] : [RunOptions.Force.Name]);
        return TrainingJob.Create(call, session, folder, parsed.GetValue(RunOptions.Watch), names);
    }

    /// <summary>Tells what the tuning has gained, if it was not told before, and whether the model is kept.</summary>
    /// <param name="session">Where to tell it.</param>
    /// <param name="loss">The dev loss of the training; infinite where it diverged.</param>
    /// <param name="written">The folder of the run.</param>
    public bool Keeps(Session session, double loss, string? written = null)
    {
        if (devLoss is not null)
        {
            return true;
        }
        devLoss = loss;
        folder = written ?? folder;
        session.Text.WriteLine($"tuned        {tuning.Describe(loss)}");
        return tuning.IsKept(loss);
    }

    ParseResult Call(IEnumerable<string> more) => parsed.RootCommandResult.Command.Parse(
        [
            .. parsed.Tokens.Where(token => !(token.Type == TokenType.Option && token.Value == RunOptions.Tune.Name))
                .Select(token => token.Value),
            .. more,
        ],
        parsed.Configuration);

    static Dictionary<string, string> SettingsOf(TriedSettings tried) =>
        tried.Settings.ToDictionary(setting => setting.Name, setting => setting.Value);
}
