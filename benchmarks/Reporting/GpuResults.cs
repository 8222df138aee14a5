using System.Text.Json.Serialization;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What one run of gpu-suite checked and measured on one device.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="Device">The device that was measured.</param>
/// <param name="Driver">The version of NVIDIA's driver; null where nvidia-smi is not there.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="PyTorch">The version of PyTorch; null where it is not there.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Quick">Whether the sizes were small, so that only the suite itself was tried and no figure means anything.</param>
/// <param name="Checks">Every part of the run, in its order.</param>
/// <param name="Works">The measurements.</param>
sealed record GpuResults(
    string Machine, string Device, string? Driver, string OperatingSystem, string Runtime, string Ilgpu,
    [property: JsonPropertyName("pytorch")] string? PyTorch, DateOnly Date, bool Quick,
    IReadOnlyList<Check> Checks, IReadOnlyList<WorkResult> Works)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "gpu";

    /// <summary>Whether no part failed.</summary>
    [JsonIgnore]
    public bool Succeeded => Checks.All(check => check.Outcome is Outcome.Passed or Outcome.Skipped);
}

/// <summary>How a part of the suite ended.</summary>
enum Outcome
{
    /// <summary>It did what it should.</summary>
    Passed,

    /// <summary>It found a fault, or failed itself.</summary>
    Failed,

    /// <summary>It took longer than it may.</summary>
    TimedOut,

    /// <summary>It lacks something that the machine need not have.</summary>
    Skipped,
}

/// <summary>A part of the suite.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Summary">What it found, in a line.</param>
sealed record Check(string Name, Outcome Outcome, double Seconds, string Summary);

/// <summary>One work on both programs.</summary>
/// <param name="Name">The work's name.</param>
/// <param name="Work">What it is, for people.</param>
/// <param name="Unit">Steps/s or TFLOP/s.</param>
/// <param name="Required">What is required of Makemore.Gpu.</param>
/// <param name="Rates">The rates of all variants.</param>
sealed record WorkResult(string Name, string Work, string Unit, Requirement Required, IReadOnlyList<Rates> Rates)
{
    /// <summary>The unit of training.</summary>
    public const string Steps = "steps/s";

    /// <summary>The unit of GEMMs.</summary>
    public const string Operations = "TFLOP/s";

    /// <summary>Whether it is a GEMM, which PyTorch leaves to cuBLAS.</summary>
    [JsonIgnore]
    public bool IsGemm => Unit == Operations;

    /// <summary>The fastest of a program's variants; null where none was measured.</summary>
    /// <param name="program">The program.</param>
    /// <param name="variants">The variants that count; none for all.</param>
    public Rates? Best(string program, params string[] variants) => Rates
        .Where(rates => rates.Program == program && rates.Median is not null && (variants.Length == 0 || variants.Contains(rates.Variant)))
        .MaxBy(rates => rates.Median);
}

/// <summary>How fast one variant of a program was.</summary>
/// <param name="Program">The program.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Rounds">The rate in each round.</param>
/// <param name="Fault">Why there are no more rounds; null where nothing went wrong.</param>
sealed record Rates(string Program, string Variant, IReadOnlyList<double> Rounds, string? Fault)
{
    /// <summary>The median of all rounds; null where there is none.</summary>
    public double? Median => Rounds.Count == 0 ? null : Rounds.Median();
}

/// <summary>What is required of Makemore.Gpu on a GPU of the H200's class; null for nothing.</summary>
/// <param name="Rate">The rate itself.</param>
/// <param name="OfEager">How many times PyTorch's rate without compiling; of a product, which part of cuBLAS's.</param>
/// <param name="OfGraphs">How many times PyTorch's rate with CUDA graphs.</param>
sealed record Requirement(double? Rate = null, double? OfEager = null, double? OfGraphs = null);
