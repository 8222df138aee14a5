using System.Diagnostics;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>A program that trains in a process of its own, or in several at once.</summary>
/// <param name="Name">What the results call it.</param>
/// <param name="Variant">The way in which it trains.</param>
/// <param name="Assembly">The program, from the repository's root.</param>
/// <param name="Arguments">Its arguments.</param>
sealed record TrainingProgram(string Name, string Variant, string Assembly, IReadOnlyList<string> Arguments) : ITraining
{
    /// <summary>What its environment holds besides.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How many processes train at once. Each writes a line before the first step that is timed, and waits for one: none is timed before
    /// all are as far. Null for one that does not wait.
    /// </summary>
    public int? Processes { get; init; }

    /// <inheritdoc/>
    public TrainingReport Run()
    {
        string assembly = Path.Combine(Repository.Root, Assembly);
        if (!File.Exists(assembly))
        {
            throw new InvalidRequestException($"there is no '{assembly}': scripts/compare-torch speed builds what is compared");
        }
        var start = new ProcessStartInfo("dotnet", [assembly, .. Arguments]);
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }
        var running = new List<RunningProgram>();
        try
        {
            for (int i = 0; i < (Processes ?? 1); i++)
            {
                running.Add(new RunningProgram($"{Name} ({Variant})", start));
            }
            if (Processes is not null)
            {
                running.ForEach(program => program.AwaitLine());
                running.ForEach(program => program.Continue());
            }
            TrainingReport[] reports = [.. running.Select(program => program.End())];
            return reports[0] with { StepsPerSecond = reports.Sum(report => report.StepsPerSecond) };
        }
        finally
        {
            running.ForEach(program => program.Dispose());
        }
    }
}
