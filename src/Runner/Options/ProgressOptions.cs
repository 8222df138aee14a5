using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Diagnostics;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that say how often to look at a run of training.</summary>
static class ProgressOptions
{
    static readonly Option<int?> WatchEvery = CommonOptions.Number<int>(
        "--watch-every", "look at the saturation and the update:data ratios every N steps; without it 100 times in a run that is watched");

    static readonly Option<int?> PrintEvery = CommonOptions.Number<int>(
        "--print-every", "print the loss of the batch of every N-th step, from step 0 on, in place of the progress");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [WatchEvery, PrintEvery];

    /// <summary>Every how many steps to look; null where the run is not watched.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="isWatched">Whether the run is watched without the option, too.</param>
    /// <param name="steps">The steps of the run.</param>
    /// <exception cref="InvalidRequestException">The number is below 1.</exception>
    public static int? ResolveWatchEvery(ParseResult parsed, bool isWatched, int steps) =>
        CommonOptions.AtLeast(parsed, WatchEvery, 1) ?? (isWatched ? TrainingWatch.EveryFor(steps) : null);

    /// <summary>Every how many steps to print the loss; null where the progress is shown instead.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">The number is below 1.</exception>
    public static int? ResolvePrintEvery(ParseResult parsed) => CommonOptions.AtLeast(parsed, PrintEvery, 1);
}
