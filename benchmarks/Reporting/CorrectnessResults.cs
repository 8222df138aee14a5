namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>How close the accelerators of one machine are to libtorch.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Accelerators">The accelerators.</param>
sealed record CorrectnessResults(
    string Machine, string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date, IReadOnlyList<Agreement> Accelerators)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "correctness";

    /// <summary>The results of a run that has just ended on this machine.</summary>
    /// <param name="accelerators">The accelerators.</param>
    public static CorrectnessResults Of(IReadOnlyList<Agreement> accelerators) => new(
        ThisMachine.Name, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Ilgpu, ThisMachine.Today, accelerators);
}

/// <summary>How close one accelerator is to libtorch.</summary>
/// <param name="Accelerator">Its name.</param>
/// <param name="Tensors">Intermediates and gradients of one batch of the lecture on manual backprop that were compared.</param>
/// <param name="Agreeing">How many of them agree.</param>
/// <param name="Steps">Steps of recipe batchnorm whose losses were compared.</param>
/// <param name="Layered">The largest difference of a loss in the layered form.</param>
/// <param name="Fused">The largest difference of a loss in the fused form.</param>
sealed record Agreement(string Accelerator, int Tensors, int Agreeing, int Steps, double Layered, double Fused);
