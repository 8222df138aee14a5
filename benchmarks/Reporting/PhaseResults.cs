namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Where the time of a fused step goes on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="PeakGigaflops">What multiply-adds of vectors reach on one core, measured in the same rounds.</param>
/// <param name="Phases">The phases of a step of recipe batchnorm, batch 32, in their order.</param>
sealed record PhaseResults(
    string Machine, string OperatingSystem, string Runtime, DateOnly Date, double PeakGigaflops, IReadOnlyList<Phase> Phases)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "phases";

    /// <summary>The results of a run that has just ended on this machine.</summary>
    /// <param name="measured">The phases, and the peak.</param>
    public static PhaseResults Of((IReadOnlyList<Phase> Phases, double Peak) measured) => new(
        ThisMachine.Name, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Today, measured.Peak, measured.Phases);
}

/// <summary>A phase of a step.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Operations">Floating-point operations of its matrix products.</param>
/// <param name="Microseconds">The median time of it in a step.</param>
sealed record Phase(string Name, double Operations, double Microseconds = 0);
