using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Check;

/// <summary>Runs a short training in all its ways, and shows which runs have the same bits.</summary>
/// <param name="session">Where to show it.</param>
/// <param name="configuration">The settings.</param>
/// <param name="data">The data set.</param>
/// <param name="source">What the names are.</param>
sealed class DeterminismJob(Session session, Configuration configuration, Dataset data, string source)
{
    /// <summary>The steps of the training: enough for a difference of one bit to spread.</summary>
    public const int DefaultSteps = 300;

    /// <summary>Makes the runs, and shows them.</summary>
    /// <param name="accelerator">The accelerator that was asked for; null for all.</param>
    /// <returns>Whether all runs are equal that must be.</returns>
    public bool Run(string? accelerator)
    {
        TrainedRun[] runs = [.. Accelerators(accelerator).SelectMany(RunOn)];
        IReadOnlyList<RunComparison> comparisons = RunComparison.Of(runs);
        ConsolePage.Write(session, DeterminismPage.Of(configuration, source, runs, comparisons));
        session.Result(DeterminismPage.Result(configuration, runs, comparisons));
        return !comparisons.Any(comparison => comparison.IsFault);
    }

    static string[] Accelerators(string? accelerator)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        return accelerator is null ? [.. catalog.Devices.Select(device => device.Name)] : [catalog.Choose(accelerator).Name];
    }

    List<TrainedRun> RunOn(string accelerator)
    {
        using var started = ComputeDevice.Open(accelerator);
        var check = new DeterminismCheck(started.Kernels, accelerator, configuration, data);
        using var progress = SlowWork.Of(session, $"runs on {accelerator}", check.Count);
        var runs = new List<TrainedRun>();
        foreach (TrainedRun run in check.Run(session.Cancellation))
        {
            runs.Add(run);
            progress.Report(1);
        }
        return runs;
    }
}
