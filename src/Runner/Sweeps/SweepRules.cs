using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Which options of a sweep go together.</summary>
static class SweepRules
{
    /// <summary>Options that make another sweep of one.</summary>
    public static IEnumerable<Option> OfNewSweep { get; } =
    [
        SweepRunOptions.Folder, SweepRunOptions.Force, SweepRunOptions.Part, SweepRunOptions.Halving, SweepRunOptions.Keep,
        .. SweepOptions.All, .. NetworkOptions.All, .. DataOptions.All.Except(DataOptions.OfFile),
    ];

    /// <summary>Options that say where a sweep is trained, and how.</summary>
    public static IEnumerable<Option> OfMachine { get; } = [CommonOptions.Accelerator, .. StrategyOptions.All];

    /// <summary>Refuses options that make another sweep of one that goes on.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="path">The folder of the sweep.</param>
    /// <param name="others">The options.</param>
    public static void CheckGoesOn(ParseResult parsed, string path, IEnumerable<Option> others)
    {
        if (parsed.FirstGiven(others) is { } option)
        {
            throw new InvalidRequestException($"{option.Name} is for a new sweep, and '{path}' goes on as it was begun: leave it out");
        }
    }

    /// <summary>The part that a new sweep is to train, whose folder can be written; null for all of it.</summary>
    /// <param name="parsed">The call.</param>
    public static SweepPart? PartOf(ParseResult parsed)
    {
        string? folder = parsed.GetValue(SweepRunOptions.Folder);
        if (parsed.GetValue(SweepRunOptions.Part) is not { } text)
        {
            OutputFolder.CheckFree(folder, parsed.GetValue(SweepRunOptions.Force), SweepFolder.Files);
            return null;
        }
        var part = SweepPart.Parse(text);
        if (folder is not { Length: > 0 })
        {
            throw new InvalidRequestException(
                $"{SweepRunOptions.Part.Name} needs the folder that all parts share: give {SweepRunOptions.Folder.Name} DIR");
        }
        CheckEqualParts(parsed, SweepRunOptions.Part);
        OutputFolder.CheckFree(part.FolderIn(folder), force: true, SweepFolder.Files);
        return part;
    }

    /// <summary>Refuses what cannot be with parts.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="option">The option that makes parts.</param>
    public static void CheckEqualParts(ParseResult parsed, Option option)
    {
        if (parsed.GetValue(SweepRunOptions.Halving))
        {
            throw new InvalidRequestException(
                $"{SweepRunOptions.Halving.Name} compares all networks, and parts do not hear of each other: leave it or "
                + $"{option.Name} out");
        }
        if (parsed.GetValue(SweepRunOptions.Force))
        {
            throw new InvalidRequestException(
                $"{SweepRunOptions.Force.Name} is not for parts, which go on where they were: give another {SweepRunOptions.Folder.Name}");
        }
    }
}
