using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>How high each rung of the ladders of a matrix product reaches on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="Ladders">The ladders of its accelerators.</param>
sealed record LadderResults(string Machine, IReadOnlyList<MeasuredLadder> Ladders)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "ladder";

    /// <summary>These results, and those that are kept of the machine's other accelerators.</summary>
    public LadderResults WithKept()
    {
        IEnumerable<MeasuredLadder> kept = ResultsFile.Kept<LadderResults>(Kind)
            .Where(results => results.Machine == Machine)
            .SelectMany(results => results.Ladders)
            .Where(kept => Ladders.All(ladder => ladder.Accelerator != kept.Accelerator));
        return this with { Ladders = [.. kept.Concat(Ladders).OrderBy(ladder => ladder.Accelerator, StringComparer.Ordinal)] };
    }
}

/// <summary>A ladder on one accelerator. Speeds are billions of floating-point operations a second, in each round.</summary>
/// <param name="Name">Whose steps they are.</param>
/// <param name="Accelerator">The accelerator.</param>
/// <param name="Description">What it is.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Date">The day.</param>
/// <param name="Size">The sides of the matrices.</param>
/// <param name="PeakGigaflops">What multiply-adds reach that wait for nothing.</param>
/// <param name="Library">The library of the device's maker, or what stands for it; null where there is none.</param>
/// <param name="LibraryGigaflops">Its speeds.</param>
/// <param name="Rungs">The rungs, the lowest first.</param>
sealed record MeasuredLadder(
    string Name, string Accelerator, string Description, string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date, int Size,
    IReadOnlyList<double> PeakGigaflops, string? Library, IReadOnlyList<double> LibraryGigaflops, IReadOnlyList<MeasuredRung> Rungs)
{
    /// <summary>A ladder that has just been measured on this machine.</summary>
    public static MeasuredLadder Of(
        string name, FoundDevice device, int size, IReadOnlyList<double> peak, string? library, IReadOnlyList<double> ofLibrary,
        IReadOnlyList<MeasuredRung> rungs) => new(
            name, device.Name, device.Description, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Ilgpu, ThisMachine.Today,
            size, peak, library, ofLibrary, rungs);
}

/// <summary>A rung.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="Name">What it does.</param>
/// <param name="Why">Why that is faster than the rung below.</param>
/// <param name="Gigaflops">Its speeds.</param>
sealed record MeasuredRung(int Number, string Name, string Why, IReadOnlyList<double> Gigaflops)
{
    /// <summary>The median speed.</summary>
    [JsonIgnore]
    public double Median => Gigaflops.Median();
}
