using System.Text.Json.Serialization;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What the program has survived on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Disasters">What was done to it.</param>
sealed record ReliabilityResults(
    string Machine, string OperatingSystem, string Runtime, string Ilgpu, IReadOnlyList<Disaster> Disasters)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "reliability";

    /// <summary>The results of this machine: those that are kept, and new ones in place of older ones of the same name.</summary>
    /// <param name="disasters">The new ones.</param>
    public static ReliabilityResults With(IReadOnlyList<Disaster> disasters)
    {
        string machine = ThisMachine.Name;
        IEnumerable<Disaster> older = ResultsFile.Kept<ReliabilityResults>(Kind)
            .Where(results => results.Machine == machine)
            .SelectMany(results => results.Disasters)
            .Where(older => disasters.All(newer => newer.Name != older.Name));
        return new ReliabilityResults(
            machine, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Ilgpu,
            [.. older.Concat(disasters).OrderBy(disaster => disaster.Name, StringComparer.Ordinal)]);
    }
}

/// <summary>Something that was done to the program many times.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Cases">How many times.</param>
/// <param name="Survived">After how many of them all was as it should be.</param>
/// <param name="Remark">What is to be known beside; null for nothing.</param>
/// <param name="Date">The day.</param>
sealed record Disaster(string Name, int Cases, int Survived, string? Remark, DateOnly Date)
{
    /// <summary>After how many it was not.</summary>
    [JsonIgnore]
    public int Lost => Cases - Survived;
}
