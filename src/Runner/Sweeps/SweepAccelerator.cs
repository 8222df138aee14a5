using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>An accelerator that trains networks of a sweep, beside others that it may have.</summary>
/// <param name="started">The accelerator.</param>
/// <param name="strategyFor">How the steps of a recipe are run on it: by its settings and the vocabulary's size.</param>
/// <param name="threads">The threads of a processor that train at once; null for one on each core.</param>
sealed class SweepAccelerator(ComputeDevice started, Func<Recipe, int, Strategy> strategyFor, int? threads) : IDisposable
{
    const char Separator = ',';

    /// <summary>The device, by its name on the command line.</summary>
    public FoundDevice Found => started.Found;

    /// <summary>The kernels.</summary>
    public KernelSet Kernels => started.Kernels;

    /// <summary>Starts all that were asked for, with commas between them.</summary>
    /// <param name="parsed">The call, with <see cref="StrategyOptions"/>.</param>
    /// <param name="names">Their names.</param>
    /// <param name="precision">The precision of matrix products, by name.</param>
    /// <param name="strategy">The strategy where the call asks for none.</param>
    /// <param name="threads">The threads where the call asks for none.</param>
    /// <exception cref="InvalidRequestException">One is not there, or does not have the precision.</exception>
    public static IReadOnlyList<SweepAccelerator> Start(
        ParseResult parsed, string names, string precision, string strategy, int? threads)
    {
        var accelerators = new List<SweepAccelerator>();
        try
        {
            foreach (string name in names.Split(Separator))
            {
                var started = ComputeDevice.Open(name, precision);
                accelerators.Add(new SweepAccelerator(
                    started,
                    (recipe, vocabulary) => StrategyOptions.Resolve(parsed, started, recipe, vocabulary, strategy, threads), threads));
            }
            return accelerators;
        }
        catch
        {
            accelerators.ForEach(accelerator => accelerator.Dispose());
            throw;
        }
    }

    /// <summary>What they are together.</summary>
    /// <param name="accelerators">The accelerators.</param>
    /// <param name="strategy">The form of a step, as it was asked for.</param>
    /// <param name="threads">The networks that a processor trains at once; null for one on each core.</param>
    public static SweepMachine Together(IReadOnlyList<SweepAccelerator> accelerators, string strategy, int? threads) => new(
        string.Join(Separator, accelerators.Select(accelerator => accelerator.Found.Name)),
        string.Join(", ", accelerators.Select(accelerator => accelerator.Found.Description).Distinct()), strategy, threads,
        accelerators[0].Kernels.Launcher.Precision.Name(),
        string.Join(", ", accelerators.Select(accelerator => accelerator.Kernels.Vectors).Distinct()));

    /// <summary>Refuses a network that it cannot train as was asked.</summary>
    /// <param name="recipe">The network.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">It cannot.</exception>
    public void Check(Recipe recipe, int vocabulary) => strategyFor(recipe, vocabulary);

    /// <summary>What trains networks on it.</summary>
    /// <param name="progress">Told of the steps of each launch, of all networks together; null for nobody.</param>
    /// <param name="keep">Keeps networks on their way; null where nothing is kept.</param>
    public ParallelTrainer Trainer(IProgress<int>? progress = null, Action<IReadOnlyList<NetworkRun>>? keep = null) =>
        new(Kernels, strategyFor, threads) { Progress = progress, Keep = keep };

    /// <inheritdoc/>
    public void Dispose() => started.Dispose();
}
