using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner;

/// <summary>The options by which the form of a training step is chosen, for all commands that train.</summary>
static class StrategyOptions
{
    static readonly Option<string> StrategyName = new("--strategy")
    {
        Description = "fused: one persistent kernel; layered: a launch for each operation; auto: fused where the model fits it",
        HelpName = "S",
        DefaultValueFactory = _ => Strategy.Auto,
    };

    static readonly Option<int?> Threads = CommandLine.Number<int>("--threads", "threads of the fused form on the CPU accelerator; 1");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [StrategyName, Threads];

    /// <summary>The strategy that was asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="device">The device.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">The device or the network cannot have it.</exception>
    public static Strategy Resolve(ParseResult parsed, FoundDevice device, Recipe recipe, int vocabulary)
    {
        Strategy strategy = Strategy.Named(parsed.GetValue(StrategyName)!, device.Device, recipe, vocabulary);
        return parsed.GetValue(Threads) is { } threads ? strategy.With(threads, device.Device) : strategy;
    }
}
