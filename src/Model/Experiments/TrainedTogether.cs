using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// A network of an experiment that was trained at one learning rate, at once with the others: the same bits as <see cref="ShortRun"/>.
/// </summary>
/// <param name="Parameters">How many parameters were trained.</param>
/// <param name="Training">How the training went.</param>
/// <param name="Losses">The mean losses after the last step over the training and the dev split; null where training diverged.</param>
sealed record TrainedTogether(int Parameters, TrainingRecord Training, ShortRunLosses? Losses)
{
    /// <summary>Trains networks, as many at once as the accelerator can.</summary>
    /// <param name="context">The accelerator and the data.</param>
    /// <param name="networks">The networks, with their seeds.</param>
    /// <param name="steps">The steps of each.</param>
    /// <exception cref="OperationCanceledException">The experiment was stopped.</exception>
    public static IReadOnlyList<TrainedTogether> Run(
        ExperimentContext context, IReadOnlyList<(Recipe Recipe, ulong Seed)> networks, int steps)
    {
        var progress = new Waves(context.Progress);
        var trainer = new ParallelTrainer(context.Kernels, (recipe, _) => context.StrategyFor(recipe), context.Threads)
        {
            Progress = progress,
        };
        var results = new TrainedTogether[networks.Count];
        (int Index, Configuration Configuration)[] all =
            [.. networks.Select((network, i) => (i, new Configuration(network.Recipe, steps, DropAt: steps, network.Seed)))];
        foreach (IReadOnlyList<(int Index, Configuration Configuration)> wave in trainer.Waves(
            all, network => (network.Configuration, context.Data.Vocabulary.Count)))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            progress.Begin(wave[0].Configuration.Recipe.Name, wave.Count * steps);
            TrainedTogether[] trained = Train(context, trainer, [.. wave.Select(network => network.Configuration)]);
            foreach ((var network, TrainedTogether result) in wave.Zip(trained))
            {
                results[network.Index] = result;
            }
        }
        return results;
    }

    static TrainedTogether[] Train(ExperimentContext context, ParallelTrainer trainer, Configuration[] wave)
    {
        NetworkRun[] runs =
            [.. wave.Select(configuration => NetworkRun.Draw(context.Kernels, configuration, context.Data.Vocabulary.Count))];
        try
        {
            Array.ForEach(runs, run => run.KeepLosses());
            trainer.Train(runs, context.Data, until: null, context.Cancellation);
            context.Cancellation.ThrowIfCancellationRequested();
            return [.. runs.Select(run => Of(context, trainer, run))];
        }
        finally
        {
            Array.ForEach(runs, run => run.Dispose());
        }
    }

    static TrainedTogether Of(ExperimentContext context, ParallelTrainer trainer, NetworkRun run)
    {
        var training = new TrainingRecord(run.Losses!, run.HasDiverged ? run.StepsDone : null);
        if (run.HasDiverged)
        {
            return new TrainedTogether(run.Network.ParameterCount, training, Losses: null);
        }
        IReadOnlyDictionary<string, double> losses = trainer.Evaluate(run, context.Data, ["train", "dev"], context.Cancellation);
        return new TrainedTogether(run.Network.ParameterCount, training, new ShortRunLosses(losses["train"], losses["dev"]));
    }

    // The steps of the networks that are trained at once, in the words of an experiment.
    sealed class Waves(IProgress<RunProgress>? listener) : IProgress<int>
    {
        RunProgress at;

        public void Begin(string recipe, int steps) => at = new RunProgress(recipe, 0, steps);

        public void Report(int value)
        {
            at = at with { Step = at.Step + value };
            listener?.Report(at);
        }
    }
}
