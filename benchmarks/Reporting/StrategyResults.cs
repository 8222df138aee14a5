using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>How fast networks of many sizes train in each form on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="Accelerators">Its accelerators.</param>
sealed record StrategyResults(string Machine, IReadOnlyList<MeasuredAccelerator> Accelerators)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "strategies";

    /// <summary>These results, and those that are kept of the machine's other accelerators.</summary>
    public StrategyResults WithKept()
    {
        IEnumerable<MeasuredAccelerator> kept = ResultsFile.Kept<StrategyResults>(Kind)
            .Where(results => results.Machine == Machine)
            .SelectMany(results => results.Accelerators)
            .Where(kept => Accelerators.All(accelerator => accelerator.Name != kept.Name));
        return this with { Accelerators = [.. kept.Concat(Accelerators).OrderBy(accelerator => accelerator.Name, StringComparer.Ordinal)] };
    }
}

/// <summary>An accelerator.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Date">The day.</param>
/// <param name="Networks">The networks.</param>
sealed record MeasuredAccelerator(
    string Name, string Description, string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date,
    IReadOnlyList<MeasuredNetwork> Networks)
{
    /// <summary>An accelerator that has just been measured on this machine.</summary>
    public static MeasuredAccelerator Of(FoundDevice device, IReadOnlyList<MeasuredNetwork> networks) => new(
        device.Name, device.Description, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Ilgpu, ThisMachine.Today, networks);
}

/// <summary>A network.</summary>
/// <param name="Name">Its sizes.</param>
/// <param name="AutomaticForm">The form that <c>auto</c> takes.</param>
/// <param name="AutomaticThreads">The threads that it takes.</param>
/// <param name="Speeds">How fast it trains.</param>
sealed record MeasuredNetwork(string Name, string AutomaticForm, int AutomaticThreads, IReadOnlyList<StrategySpeed> Speeds)
{
    /// <summary>The speed of what <c>auto</c> takes.</summary>
    [JsonIgnore]
    public StrategySpeed Automatic => Speeds.Single(speed => speed.Form == AutomaticForm && speed.Threads == AutomaticThreads);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {string.Join(", ", Speeds.Select(speed => $"{speed.Strategy} {ProductTable.Number(speed.Median)}"))} steps/s, "
        + $"auto is {Automatic.Strategy}";
}

/// <summary>Training by one strategy.</summary>
/// <param name="Form">layered or fused.</param>
/// <param name="Threads">By how many threads.</param>
/// <param name="StepsPerSecond">Its speed in each round.</param>
sealed record StrategySpeed(string Form, int Threads, IReadOnlyList<double> StepsPerSecond)
{
    /// <summary>The strategy, for people.</summary>
    [JsonIgnore]
    public string Strategy => Threads == 1 ? Form : $"{Form}, {Threads} threads";

    /// <summary>The median of all rounds.</summary>
    [JsonIgnore]
    public double Median => StepsPerSecond.Median();
}
