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

/// <summary>A call of <c>train</c> whose settings were tuned.</summary>
/// <param name="Call">The call as it is without tuning, with the best of the settings as its options.</param>
/// <param name="Names">The names, which may have come from a stream that is read only once.</param>
/// <param name="Tuning">What was found.</param>
sealed record TunedTraining(ParseResult Call, NamesFile Names, Tuning Tuning)
{
    /// <summary>Tries settings, and shows the best of them.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to show them.</param>
    /// <exception cref="InvalidRequestException">The call cannot be.</exception>
    public static TunedTraining Create(ParseResult parsed, Session session)
    {
        if (parsed.GetValue(RunOptions.Resume) is not null)
        {
            throw new InvalidRequestException(
                $"{RunOptions.Tune.Name} is for a new run, and one that goes on keeps the settings that it has: leave it out");
        }
        if (parsed.GetValue(RunOptions.Config) is not null)
        {
            throw new InvalidRequestException(
                $"{RunOptions.Tune.Name} looks for settings, and {RunOptions.Config.Name} brings those of a run: leave one of them out");
        }
        if (parsed.GetValue(RunOptions.DryRun))
        {
            throw new InvalidRequestException(
                $"{RunOptions.Tune.Name} trains, and {RunOptions.DryRun.Name} trains nothing: leave one of them out");
        }
        // Whatever is wrong with the training is found before anything is tried.
        using var planned = PlannedRun.Create(parsed, session, parsed.GetValue(RunOptions.Folder), RunOptions.IsWatched(parsed));
        planned.CheckMemory();
        Tuning tuning = Tuner.Run(parsed, session, planned);
        ConsolePage.Write(session, tuning.Page);
        session.Text.WriteLine(
            $"{Format.Counted(tuning.Tried.Count, "setting")}, tried in {Format.Duration(TimeSpan.FromSeconds(tuning.Seconds))}");
        session.Text.WriteLine();
        return new TunedTraining(With(parsed, tuning.Best.Settings), planned.Data.File, tuning);
    }

    static ParseResult With(ParseResult parsed, IEnumerable<Setting> settings) => parsed.RootCommandResult.Command.Parse(
        [
            .. parsed.Tokens.Where(token => !(token.Type == TokenType.Option && token.Value == RunOptions.Tune.Name))
                .Select(token => token.Value),
            .. settings.SelectMany(setting => new[] { $"--{setting.Name}", setting.Value }),
        ],
        parsed.Configuration);
}
