using Makemore.Gpu.Benchmarks.Networks;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>Networks that Makemore.Gpu trains at once, in this process.</summary>
/// <param name="Variant">The way in which it trains.</param>
/// <param name="Recipe">The recipe of all.</param>
/// <param name="Count">How many.</param>
/// <param name="Steps">The steps of each.</param>
/// <param name="Accelerator">Where they are trained.</param>
/// <param name="Data">The names.</param>
sealed record OwnNetworks(string Variant, Recipe Recipe, int Count, int Steps, string Accelerator, string Data) : ITraining
{
    // Not timed.
    const int WarmUpSteps = 200;

    /// <inheritdoc/>
    public string Name => Workload.Makemore;

    /// <inheritdoc/>
    public TrainingReport Run()
    {
        FoundDevice device = Accelerators.Choose(Accelerator);
        var data = Dataset.Create(NamesFile.Read(Data), Recipe.Context);
        using var training = new NetworksTraining(Accelerators.Kernels(device.Name), Recipe, Count, data);
        training.StepsPerSecond(WarmUpSteps);
        return new TrainingReport(training.StepsPerSecond(Steps), device.Name);
    }
}
