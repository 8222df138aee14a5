using System.Text.Json.Serialization;
using Makemore.Gpu.Benchmarks.Comparisons;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What one run measured of training with Makemore.Gpu and with TorchSharp on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="TorchSharp">The version of TorchSharp.</param>
/// <param name="Libtorch">The version of libtorch.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Comparisons">The measurements.</param>
sealed record TorchResults(
    string Machine, string OperatingSystem, string Runtime, string Ilgpu, string TorchSharp, string Libtorch, DateOnly Date,
    IReadOnlyList<Comparison> Comparisons)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "torch";

    /// <summary>The results of a run that has just ended on this machine.</summary>
    /// <param name="comparisons">The measurements.</param>
    public static TorchResults Of(IReadOnlyList<Comparison> comparisons) => new(
        ThisMachine.Name,
        ThisMachine.OperatingSystem,
        ThisMachine.Runtime,
        ThisMachine.Ilgpu,
        Repository.PackageVersion("TorchSharp"),
        Repository.PackageVersion("libtorch-cpu-linux-x64"),
        ThisMachine.Today,
        comparisons);

    /// <summary>
    /// These results, and those of the other workloads that are kept of this machine, this day and this software; null where none are.
    /// </summary>
    public TorchResults? WithKept()
    {
        TorchResults? kept = ResultsFile.Kept<TorchResults>(Kind).SingleOrDefault(kept => kept with { Comparisons = Comparisons } == this);
        string[] order = [.. Workload.All.Select(workload => workload.Name)];
        return kept is null ? null : this with
        {
            Comparisons =
            [
                .. kept.Comparisons.Where(kept => Comparisons.All(comparison => comparison.Name != kept.Name)).Concat(Comparisons)
                    .OrderBy(comparison => Array.IndexOf(order, comparison.Name)),
            ],
        };
    }
}

/// <summary>One workload on both programs.</summary>
/// <param name="Name">The workload's name.</param>
/// <param name="Work">What it is, for people.</param>
/// <param name="Accelerator">Where Makemore.Gpu ran.</param>
/// <param name="Speeds">The speeds of all variants.</param>
sealed record Comparison(string Name, string Work, string Accelerator, IReadOnlyList<Speed> Speeds)
{
    /// <summary>The speed of Makemore.Gpu.</summary>
    [JsonIgnore]
    public Speed Makemore => Speeds.Single(speed => speed.Program == Workload.Makemore);

    /// <summary>How many times as fast as TorchSharp's best variant Makemore.Gpu is.</summary>
    public double Ratio => Math.Round(Makemore.Median / Best("").Median, 3);

    /// <summary>The best of TorchSharp's variants.</summary>
    /// <param name="backward">What the variants' names begin with.</param>
    public Speed Best(string backward) => Speeds
        .Where(speed => speed.Program == Workload.TorchSharp && speed.Variant.StartsWith(backward, StringComparison.Ordinal))
        .MaxBy(speed => speed.Median)!;
}

/// <summary>How fast one variant of a program trained.</summary>
/// <param name="Program">The program.</param>
/// <param name="Variant">The variant.</param>
/// <param name="StepsPerSecond">Steps a second in each round.</param>
sealed record Speed(string Program, string Variant, IReadOnlyList<double> StepsPerSecond)
{
    /// <summary>The median of all rounds.</summary>
    public double Median => StepsPerSecond.Median();
}
