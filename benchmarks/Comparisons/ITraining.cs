using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>What a training says.</summary>
/// <param name="StepsPerSecond">The speed of its training loop.</param>
/// <param name="Accelerator">Where it ran, where it can choose.</param>
sealed record TrainingReport(double StepsPerSecond, string? Accelerator = null);

/// <summary>A training that is compared with others.</summary>
interface ITraining
{
    /// <summary>What the results call the program.</summary>
    string Name { get; }

    /// <summary>The way in which it trains.</summary>
    string Variant { get; }

    /// <summary>Trains once.</summary>
    /// <exception cref="InvalidRequestException">It cannot be done, or it failed.</exception>
    TrainingReport Run();
}
