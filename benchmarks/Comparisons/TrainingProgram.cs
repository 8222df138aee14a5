using System.Diagnostics;
using System.Text.Json;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>What a program says in JSON after it has trained.</summary>
/// <param name="StepsPerSecond">The speed of its training loop.</param>
/// <param name="Accelerator">Where it ran, where it can choose.</param>
sealed record TrainingReport(double StepsPerSecond, string? Accelerator = null);

/// <summary>A program that trains in a process of its own.</summary>
/// <param name="Name">What the results call it.</param>
/// <param name="Variant">The way in which it trains.</param>
/// <param name="Assembly">The program, from the repository's root.</param>
/// <param name="Arguments">Its arguments.</param>
sealed record TrainingProgram(string Name, string Variant, string Assembly, IReadOnlyList<string> Arguments)
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>What its environment holds besides.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Trains once.</summary>
    /// <exception cref="InvalidRequestException">It is not built, or it failed.</exception>
    public TrainingReport Run()
    {
        string assembly = Path.Combine(Repository.Root, Assembly);
        if (!File.Exists(assembly))
        {
            throw new InvalidRequestException($"there is no '{assembly}': scripts/compare-torch speed builds what is compared");
        }
        var start = new ProcessStartInfo("dotnet", [assembly, .. Arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<TrainingReport>(output, Json)!
            : throw new InvalidRequestException($"{Name} ({Variant}) failed: {error.Result.Trim()}");
    }
}
