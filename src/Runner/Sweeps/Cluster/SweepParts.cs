using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>The parts of a sweep, as far as they are there.</summary>
/// <param name="Path">The folder of the sweep.</param>
/// <param name="Settings">The settings of all of it.</param>
/// <param name="All">The parts, in their order.</param>
sealed record SweepParts(string Path, SweepSettings Settings, IReadOnlyList<FoundPart> All)
{
    const int MostNamed = 10;

    /// <summary>The networks that have ended, in their order.</summary>
    public IReadOnlyList<NetworkResult> Results =>
        [.. All.SelectMany(part => part.Results).OrderBy(result => result.Network.Number)];

    /// <summary>The parts with networks that have not ended.</summary>
    public IReadOnlyList<SweepPart> Incomplete => [.. All.Where(part => !part.IsComplete).Select(part => part.Part)];

    /// <summary>What is not there, in a line; null where all is.</summary>
    public string? Missing
    {
        get
        {
            FoundPart[] broken = [.. All.Where(part => part.Fault is not null)];
            int[] notBegun = [.. All.Where(part => part.Settings is null && part.Fault is null).Select(part => part.Part.Number)];
            int[] notEnded = [.. All.SelectMany(part => part.Missing).Order()];
            string[] what =
            [
                .. Numbers("part", notBegun, "not begun"),
                .. broken.Take(MostNamed).Select(part => $"part {part.Part.Number} cannot be read ({part.Fault})"),
                .. broken.Length > MostNamed ? (string[])[$"{broken.Length - MostNamed} more parts cannot be read"] : [],
                .. Numbers("network", notEnded, "not ended"),
            ];
            return what.Length == 0 ? null : string.Join(", ", what);
        }
    }

    /// <summary>Finds the parts.</summary>
    /// <param name="path">The folder of the sweep.</param>
    /// <exception cref="InvalidRequestException">There are none, or they are not of one sweep.</exception>
    public static SweepParts Read(string path)
    {
        SweepSettings? joined = SweepFolder.HasResults(path) ? SweepFolder.ReadSettings(path) : null;
        if (joined is { JoinedParts: null })
        {
            throw new InvalidRequestException($"'{path}' holds a sweep that was trained without parts: there is nothing to join");
        }
        int count = CountIn(path, joined?.JoinedParts);
        FoundPart[] all = [.. Enumerable.Range(1, count).Select(number => FoundPart.Read(path, new SweepPart(number, count)))];
        SweepSettings? settings = all.Select(part => part.Settings).FirstOrDefault(settings => settings is not null) ?? joined;
        if (settings is null)
        {
            string fault = all.FirstOrDefault(part => part.Fault is not null)?.Fault ?? "none has begun";
            throw new InvalidRequestException($"no part of the sweep '{path}' can be read: {fault:whole}");
        }
        foreach (FoundPart part in all.Where(part => part.Settings is { } own && !(own.AreOfSweep(settings) && own.Part == part.Part)))
        {
            throw new InvalidRequestException($"'{part.Folder}' is of another sweep than the parts before it: move it elsewhere");
        }
        if (joined is not null && !joined.AreOfSweep(settings))
        {
            throw new InvalidRequestException(
                $"'{SweepFolder.ResultsOf(path)}' joins other parts than those in '{path}': move it elsewhere");
        }
        return new SweepParts(path, settings with { Part = null, JoinedParts = count }, all);
    }

    /// <summary>Whether all networks have the bits of one machine.</summary>
    public bool AreOfOneMachine() => All.All(part => part.Settings?.Machine.GivesTheBitsOf(Settings.Machine) ?? true);

    static int CountIn(string path, int? joined)
    {
        int[] counts = Directory.Exists(path)
            ?
            [
                .. Directory.EnumerateDirectories(path).Select(SweepPart.OfFolder).OfType<SweepPart>().Select(part => (int?)part.Count)
                    .Append(joined).OfType<int>().Distinct().Order(),
            ]
            : [];
        return counts switch
        {
            [var count] => count,
            [] => throw new InvalidRequestException(
                $"there are no parts of a sweep in '{path}': give a folder that the command sweep {SweepRunOptions.Part.Name} K/N "
                + $"{SweepRunOptions.Folder.Name} DIR wrote to"),
            [var one, var other, ..] => throw new InvalidRequestException(
                $"'{path}' has parts of {one} and parts of {other}: move those that do not belong to the sweep elsewhere"),
        };
    }

    // 1 network not ended (7); 12 networks not ended (0, 1, 2 and 9 more).
    static IEnumerable<string> Numbers(string thing, int[] numbers, string what)
    {
        if (numbers.Length > 0)
        {
            string rest = numbers.Length > MostNamed ? $" and {Format.Count(numbers.Length - MostNamed)} more" : "";
            yield return $"{Format.Counted(numbers.Length, thing)} {what} ({string.Join(", ", numbers.Take(MostNamed))}{rest})";
        }
    }
}
