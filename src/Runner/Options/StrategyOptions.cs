using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options by which the form of a training step is chosen, for all commands that train.</summary>
static class StrategyOptions
{
    static readonly string[] Strategies = [Strategy.Auto, Strategy.Fused.Name, Strategy.Layered.Name];

    /// <summary>The form.</summary>
    public static Option<string> StrategyName { get; } = new("--strategy")
    {
        Description = "fused: one persistent kernel; layered: a launch for each operation; auto: the faster one for the network's size",
        HelpName = "S",
        CompletionSources = { Strategies },
        DefaultValueFactory = _ => Strategy.Auto,
    };

    const string AutomaticThreads = "auto";

    static readonly Option<string?> Threads = new("--threads")
    {
        Description = "threads of a processor that share a step: a number, or auto: as many as the network's size is worth, and fewer while"
            + " the machine is busy",
        HelpName = "N",
    };

    /// <summary>The precision of matrix products.</summary>
    public static Option<string> PrecisionName { get; } = new("--precision")
    {
        Description = "of matrix products. tf32: large ones on the tensor cores of a CUDA GPU, in the layered form; float32",
        HelpName = "P",
        CompletionSources = { Precisions.Names.ToArray() },
        DefaultValueFactory = _ => Precision.Full.Name(),
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [StrategyName, Threads, PrecisionName];

    /// <summary>The number of threads that was asked for; null for auto.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">It is no number.</exception>
    public static int? ThreadsOf(ParseResult parsed) =>
        parsed.GetValue(Threads) is { } asked && !asked.Equals(AutomaticThreads, StringComparison.OrdinalIgnoreCase) ? Number(asked) : null;

    /// <summary>Starts the accelerator that was asked for, with kernels of the precision that was.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">The accelerator is not there, or does not have the precision.</exception>
    public static ComputeDevice Start(ParseResult parsed) =>
        ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!, parsed.GetValue(PrecisionName)!);

    /// <summary>The strategy that was asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="started">The accelerator.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">The device or the network cannot have it.</exception>
    public static Strategy Resolve(ParseResult parsed, ComputeDevice started, Recipe recipe, int vocabulary) =>
        Resolve(parsed, started, recipe, vocabulary, Strategy.Auto, null);

    /// <summary>The strategy that was asked for, or else another one.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="started">The accelerator.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="otherwise">The strategy where none was asked for.</param>
    /// <param name="otherThreads">The threads where none were asked for, and the strategy neither; null for auto.</param>
    /// <exception cref="InvalidRequestException">The device or the network cannot have it.</exception>
    public static Strategy Resolve(
        ParseResult parsed, ComputeDevice started, Recipe recipe, int vocabulary, string otherwise, int? otherThreads)
    {
        bool isAsked = parsed.FirstGiven([StrategyName]) is not null;
        string name = isAsked ? parsed.GetValue(StrategyName)! : otherwise;
        bool mustBeLayered = started.Kernels.Launcher.Precision != Precision.Full;
        Strategy strategy = mustBeLayered && name == Strategy.Auto
            ? Strategy.Layered
            : Strategy.Named(name, started.Accelerator.Device, recipe, vocabulary);
        if (mustBeLayered && strategy.Name != Strategy.Layered.Name)
        {
            throw new InvalidRequestException(
                $"--precision {started.Kernels.Launcher.Precision.Name()} is for the layered form: use --strategy layered");
        }
        if (parsed.GetValue(Threads) is { } asked)
        {
            return asked.Equals(AutomaticThreads, StringComparison.OrdinalIgnoreCase)
                ? strategy
                : strategy.With(Number(asked), started.Accelerator.Device);
        }
        return !isAsked && otherThreads is { } other && strategy.CanHave(other, started.Accelerator.Device)
            ? strategy.With(other, started.Accelerator.Device)
            : strategy;
    }

    static int Number(string threads) =>
        WholeNumber.Parse<int>(threads)
        ?? throw new InvalidRequestException($"--threads is '{threads}' and must be a whole number, or auto");
}
