using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>How fast many networks train at once on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="Measured">What was measured: recipes on accelerators.</param>
sealed record NetworksResults(string Machine, IReadOnlyList<MeasuredNetworks> Measured)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "networks";

    /// <summary>These results, and those that are kept of the machine's other accelerators and recipes.</summary>
    public NetworksResults WithKept()
    {
        IEnumerable<MeasuredNetworks> kept = ResultsFile.Kept<NetworksResults>(Kind)
            .Where(results => results.Machine == Machine)
            .SelectMany(results => results.Measured)
            .Where(kept => Measured.All(measured => (measured.Accelerator, measured.Recipe) != (kept.Accelerator, kept.Recipe)));
        return this with
        {
            Measured =
            [
                .. kept.Concat(Measured)
                    .OrderBy(measured => measured.Accelerator, StringComparer.Ordinal)
                    .ThenBy(measured => measured.Recipe, StringComparer.Ordinal),
            ],
        };
    }
}

/// <summary>Networks of a recipe on an accelerator. Speeds are steps a second in each round, of all networks together.</summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Accelerator">The accelerator's name.</param>
/// <param name="Description">What it is.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Date">The day.</param>
/// <param name="Alone">The speeds of one network, trained by itself by the strategy that <c>auto</c> takes.</param>
/// <param name="AtOnce">Those of networks that are trained at once.</param>
sealed record MeasuredNetworks(
    string Recipe, string Accelerator, string Description, string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date,
    IReadOnlyList<double> Alone, IReadOnlyList<NetworksSpeed> AtOnce)
{
    /// <summary>What has just been measured on this machine.</summary>
    public static MeasuredNetworks Of(
        string recipe, FoundDevice device, IReadOnlyList<double> alone, IReadOnlyList<NetworksSpeed> atOnce) => new(
            recipe, device.Name, device.Description, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Ilgpu, ThisMachine.Today,
            alone, atOnce);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Recipe}: one by itself {GpuTable.Number(Alone.Median())} steps/s, at once "
        + string.Join(", ", AtOnce.Select(speed => $"{speed.Networks} {GpuTable.Number(speed.Median)}"));
}

/// <summary>Networks that are trained at once.</summary>
/// <param name="Networks">How many.</param>
/// <param name="StepsPerSecond">Their speed in each round.</param>
sealed record NetworksSpeed(int Networks, IReadOnlyList<double> StepsPerSecond)
{
    /// <summary>The median of all rounds.</summary>
    [JsonIgnore]
    public double Median => StepsPerSecond.Median();
}
