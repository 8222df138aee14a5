using System.Diagnostics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// Trains the networks of a sweep that have not ended yet, and writes down each as it ends. What is on its way is kept once a minute, and
/// where the program is asked to stop.
/// </summary>
/// <param name="session">Where to tell what happens.</param>
/// <param name="plan">The sweep.</param>
/// <param name="folder">Its folder.</param>
sealed class SweepJob(Session session, SweepPlan plan, SweepFolder folder)
{
    // The number of each network that is being trained.
    readonly Dictionary<NetworkRun, int> numberOf = [];
    readonly Dictionary<int, NetworkResult> results = folder.Store.Results().ToDictionary(result => result.Network.Number);
    readonly SweepProgress progress = new(session, plan.Settings.Numbers.Count());
    readonly Stopwatch training = new();

    /// <summary>The networks that have ended, in their order.</summary>
    public IReadOnlyList<NetworkResult> Results => [.. results.Values.OrderBy(result => result.Network.Number)];

    /// <summary>How long this call has trained.</summary>
    public double Seconds => training.Elapsed.TotalSeconds;

    /// <summary>The steps of all networks in a second meanwhile; 0 where nothing was left to train.</summary>
    public double StepsPerSecond => progress.Trained == 0 ? 0 : progress.Trained / Seconds;

    /// <summary>The network with the lowest dev loss of those that were trained to their end; of equal ones the first.</summary>
    public NetworkResult? Best => results.Values
        .Where(result => result.Outcome.End == NetworkEnd.Trained && double.IsFinite(result.Outcome.DevLoss))
        .OrderBy(result => result.Outcome.DevLoss).ThenBy(result => result.Network.Number)
        .FirstOrDefault();

    /// <summary>Trains what is missing.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted; what was trained is kept.</exception>
    public void Train()
    {
        // What was trained must not be lost: an interrupt is heard between two launches.
        using IDisposable finished = session.Finish();
        progress.Show(this, results.Count, () =>
        {
            if (plan.Settings.IsHalving)
            {
                new SweepHalving(plan, folder.Store).Run(results, TrainTo, Drop);
            }
            else
            {
                TrainTo([.. plan.Settings.Numbers.Where(number => !results.ContainsKey(number))], rung: null);
            }
        });
        if (Best is { } best && plan.Settings.Keep != KeptModels.None)
        {
            folder.KeepBest(best.Network.Number);
        }
        folder.Clear();
    }

    // To the end of each, or to a rung.
    void TrainTo(IReadOnlyList<int> numbers, int? rung)
    {
        void Keep(IReadOnlyList<NetworkRun> runs) => KeepRuns(runs.Where(run => !run.HasDiverged));
        ParallelTrainer trainer = plan.Trainer(progress, Keep);
        progress.Expect(numbers.Sum(number => (long)Math.Min(rung ?? int.MaxValue, plan.Network(number).Configuration.Steps)));
        foreach (IReadOnlyList<int> wave in trainer.Waves(numbers, plan.SettingsOf))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            SweptNetwork[] networks = [.. wave.Select(plan.Network)];
            Dataset data = plan.DataOf(networks[0].Configuration.Recipe.Context);
            NetworkRun[] runs = [.. networks.Select(network => Begin(network, data))];
            foreach ((int number, NetworkRun run) in wave.Zip(runs))
            {
                numberOf.Add(run, number);
            }
            try
            {
                Train(trainer, runs, data, rung);
                foreach ((SweptNetwork network, NetworkRun run) in networks.Zip(runs))
                {
                    End(trainer, network, run, data, rung);
                }
            }
            catch (OperationCanceledException)
            {
                KeepRuns(runs.Where(run => !run.HasDiverged && !results.ContainsKey(numberOf[run])));
                throw;
            }
            finally
            {
                numberOf.Clear();
                Array.ForEach(runs, run => run.Dispose());
            }
        }
    }

    void Train(ParallelTrainer trainer, NetworkRun[] runs, Dataset data, int? rung)
    {
        progress.Skip(runs.Sum(run => (long)run.StepsDone));
        training.Start();
        trainer.Train(runs, data, rung, session.Cancellation);
        training.Stop();
        session.Cancellation.ThrowIfCancellationRequested();
    }

    NetworkRun Begin(SweptNetwork network, Dataset data)
    {
        try
        {
            if (folder.ReadCheckpoint(network.Number) is { } checkpoint
                && checkpoint.Configuration.ToJson() == network.Configuration.ToJson())
            {
                return NetworkRun.Resume(plan.Started.Kernels, checkpoint);
            }
        }
        catch (Exception fault) when (fault is InvalidRequestException or FormatException)
        {
            session.Note($"note: {fault.Message}: network {network.Number} is trained from its start");
        }
        return NetworkRun.Draw(plan.Started.Kernels, network.Configuration, data.Vocabulary.Count);
    }

    void End(ParallelTrainer trainer, SweptNetwork network, NetworkRun run, Dataset data, int? rung)
    {
        if (run.HasDiverged)
        {
            Add(network, new NetworkOutcome(NetworkEnd.Diverged, run.StepsDone, null, [.. run.Curve.Points], run.Seconds));
            return;
        }
        if (rung is { } at && at < run.Configuration.Steps)
        {
            double dev = trainer.Evaluate(run, data, [NetworkOutcome.Dev], session.Cancellation)[NetworkOutcome.Dev];
            // A rung is reached when what goes on from it is on the disk.
            folder.WriteCheckpoint(network.Number, run.Checkpoint(data));
            folder.Store.AddRung(network.Number, new Rung(at, dev));
            return;
        }
        IReadOnlyDictionary<string, double> losses = trainer.Evaluate(run, data, [], session.Cancellation);
        var outcome = new NetworkOutcome(NetworkEnd.Trained, run.StepsDone, losses, [.. run.Curve.Points], run.Seconds);
        int? replaced = Best?.Network.Number;
        bool isBest = Best is null || IsBetter(network, outcome, Best);
        if (plan.Settings.Keep == KeptModels.All || (plan.Settings.Keep == KeptModels.Best && isBest))
        {
            // The result says that the model is there.
            folder.WriteModel(network.Number, run.Model(data));
        }
        Add(network, outcome);
        if (plan.Settings.Keep == KeptModels.Best && isBest && replaced is { } other)
        {
            folder.DeleteModel(other);
        }
    }

    static bool IsBetter(SweptNetwork network, NetworkOutcome outcome, NetworkResult best) =>
        (outcome.DevLoss, network.Number).CompareTo((best.Outcome.DevLoss, best.Network.Number)) < 0;

    void Drop(int number, double devLoss)
    {
        SweptNetwork network = plan.Network(number);
        Dataset data = plan.DataOf(network.Configuration.Recipe.Context);
        using NetworkRun run = Begin(network, data);
        Add(network, new NetworkOutcome(
            NetworkEnd.Dropped, run.StepsDone, new Dictionary<string, double> { [NetworkOutcome.Dev] = devLoss }, [.. run.Curve.Points],
            run.Seconds));
    }

    void Add(SweptNetwork network, NetworkOutcome outcome)
    {
        var result = new NetworkResult(network, outcome);
        folder.Store.Add(result);
        results.Add(network.Number, result);
        folder.DeleteCheckpoint(network.Number);
        progress.Ended(results.Count);
    }

    void KeepRuns(IEnumerable<NetworkRun> runs)
    {
        foreach (NetworkRun run in runs)
        {
            Dataset data = plan.DataOf(run.Configuration.Recipe.Context);
            folder.WriteCheckpoint(numberOf[run], run.Checkpoint(data));
        }
    }
}
