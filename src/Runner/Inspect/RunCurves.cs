using System.Globalization;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>The losses of a run as lines over its steps.</summary>
static class RunCurves
{
    const int AveragedSteps = 1000;

    // A curve of fewer points says nothing.
    const int FewestAverages = 20;

    /// <summary>The training loss without its jumps: means over so many steps as its name says.</summary>
    /// <param name="run">The run.</param>
    public static Series Averaged(FinishedRun run)
    {
        int window = Math.Clamp(run.Metrics.Count / FewestAverages, 1, AveragedSteps);
        return new Series(
            string.Create(CultureInfo.InvariantCulture, $"mean over {window:N0} steps"),
            [.. run.Metrics.Chunk(window).Select(chunk => chunk.Average(result => (double)result.Step))],
            [.. run.Metrics.Chunk(window).Select(chunk => chunk.Average(result => (double)result.Loss))]);
    }

    /// <summary>The dev loss; none where it was not measured.</summary>
    /// <param name="run">The run.</param>
    /// <param name="last">That of the network as it is; null where it is not known.</param>
    public static IEnumerable<Series> Dev(FinishedRun run, double? last)
    {
        (double Step, double Loss)[] measured =
            [.. from result in run.Metrics where result.DevLoss is not null select ((double)result.Step, result.DevLoss!.Value)];
        if (measured.Length > 0)
        {
            (double Step, double Loss)[] points = last is { } loss ? [.. measured, (run.Model.Step, loss)] : measured;
            yield return new Series("dev", [.. points.Select(point => point.Step)], [.. points.Select(point => point.Loss)]);
        }
    }
}
