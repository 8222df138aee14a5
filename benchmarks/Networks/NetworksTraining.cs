using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;

namespace Makemore.Gpu.Benchmarks.Networks;

/// <summary>Networks of one recipe that are trained at once, as those of a sweep are, each from a seed of its own.</summary>
sealed class NetworksTraining : IDisposable
{
    readonly ParallelTrainer trainer;
    readonly Dataset data;
    readonly NetworkRun[] runs;

    /// <summary>Draws the networks.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="count">How many networks.</param>
    /// <param name="data">What they are trained on.</param>
    /// <param name="strategy">The name of the strategy.</param>
    public NetworksTraining(KernelSet kernels, Recipe recipe, int count, Dataset data, string strategy = Strategy.Auto)
    {
        this.data = data;
        trainer = new ParallelTrainer(
            kernels, (settings, vocabulary) => Strategy.Named(strategy, kernels.Accelerator.Device, settings, vocabulary));
        runs =
        [
            .. Enumerable.Range(0, count)
                .Select(i => new Configuration(recipe, int.MaxValue, DropAt: int.MaxValue, Seeds.LectureSeed + (ulong)i))
                .Select(configuration => NetworkRun.Draw(kernels, configuration, data.Vocabulary.Count)),
        ];
    }

    /// <summary>Trains each network for some more steps.</summary>
    /// <param name="steps">How many.</param>
    /// <returns>
    /// The steps of all networks together a second. As in the speed of a training that is told to a user, what comes before the first
    /// launch and after the last does not count.
    /// </returns>
    /// <exception cref="InvalidRequestException">A network diverged.</exception>
    public double StepsPerSecond(int steps)
    {
        double seconds = 0;
        foreach (IReadOnlyList<NetworkRun> wave in trainer.Waves(runs, run => (run.Configuration, data.Vocabulary.Count)))
        {
            double before = wave[0].Seconds;
            trainer.Train(wave, data, until: wave[0].StepsDone + steps);
            seconds += wave[0].Seconds - before;
        }
        return runs.Any(run => run.HasDiverged)
            ? throw new InvalidRequestException("a network diverged, so that its speed means nothing")
            : runs.Length * (double)steps / seconds;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(runs, run => run.Dispose());
}
