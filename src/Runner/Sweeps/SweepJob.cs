using System.Runtime.ExceptionServices;
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
    // Accelerators that train beside each other share the results and their file.
    readonly Lock gate = new();
    readonly Dictionary<int, NetworkResult> results = folder.Store.Results().ToDictionary(result => result.Network.Number);
    readonly SweepProgress progress = new(session, plan.Settings.Numbers.Count());
    readonly SharedClock training = new();

    /// <summary>The networks that have ended, in their order.</summary>
    public IReadOnlyList<NetworkResult> Results => [.. results.Values.OrderBy(result => result.Network.Number)];

    /// <summary>How long this call has trained.</summary>
    public double Seconds => training.Elapsed.TotalSeconds;

    /// <summary>The steps of all networks in a second meanwhile; 0 where nothing was left to train.</summary>
    public double StepsPerSecond => progress.Trained == 0 ? 0 : progress.Trained / Seconds;

    /// <summary>The network with the lowest dev loss of those that were trained to their end; of equal ones the first.</summary>
    public NetworkResult? Best { get; private set; } = SweepComparison.BestOf(folder.Store.Results());

    /// <summary>Trains what is missing.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted; what was trained is kept.</exception>
    public void Train()
    {
        // What was trained must not be lost: an interrupt is heard between two launches.
        using IDisposable finished = session.Finish();
        progress.Show(Best, results.Count, () => StepsPerSecond, () =>
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

    // To the end of each, or to a rung. Each accelerator takes the next networks that no other has taken.
    void TrainTo(IReadOnlyList<int> numbers, int? rung)
    {
        progress.Expect(numbers.Sum(number => (long)Math.Min(rung ?? int.MaxValue, plan.Network(number).Configuration.Steps)));
        var waves = new Queue<IReadOnlyList<int>>(plan.Waves(numbers));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(session.Cancellation);
        if (plan.Accelerators is [var single])
        {
            Work(single);
            return;
        }
        Task[] tasks = [.. plan.Accelerators.Select(accelerator => Task.Factory.StartNew(
            () => WorkBeside(accelerator), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            Task.WaitAll(tasks, CancellationToken.None);
        }
        catch (AggregateException faults)
        {
            // Where one accelerator fails, the others are stopped for it.
            ExceptionDispatchInfo.Throw(
                faults.InnerExceptions.FirstOrDefault(fault => fault is not OperationCanceledException) ?? faults.InnerExceptions[0]);
        }

        void Work(SweepAccelerator accelerator)
        {
            while (Take() is { } networks)
            {
                stop.Token.ThrowIfCancellationRequested();
                Train(accelerator, networks, rung, stop.Token);
            }
        }

        void WorkBeside(SweepAccelerator accelerator)
        {
            try
            {
                accelerator.Kernels.Accelerator.Bind();
                Work(accelerator);
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        }

        SweptNetwork[]? Take()
        {
            lock (gate)
            {
                return waves.TryDequeue(out IReadOnlyList<int>? wave) ? [.. wave.Select(plan.Network)] : null;
            }
        }
    }

    void Train(SweepAccelerator accelerator, SweptNetwork[] networks, int? rung, CancellationToken cancellation)
    {
        Dataset data = plan.DataOf(networks[0].Configuration.Recipe.Context);
        NetworkRun[] runs = [.. networks.Select(network => Begin(accelerator, network, data))];
        var ended = new HashSet<NetworkRun>();
        ParallelTrainer trainer = accelerator.Trainer(progress, _ => Keep());
        try
        {
            progress.Skip(runs.Sum(run => (long)run.StepsDone));
            using (training.Start())
            {
                trainer.Train(runs, data, rung, cancellation);
            }
            foreach ((SweptNetwork network, NetworkRun run) in networks.Zip(runs))
            {
                cancellation.ThrowIfCancellationRequested();
                End(trainer, network, run, data, rung, cancellation);
                ended.Add(run);
            }
        }
        catch (OperationCanceledException)
        {
            Keep();
            throw;
        }
        finally
        {
            Array.ForEach(runs, run => run.Dispose());
        }

        void Keep()
        {
            foreach ((SweptNetwork network, NetworkRun run) in networks.Zip(runs).Where(pair => !ended.Contains(pair.Second)))
            {
                if (!run.HasDiverged)
                {
                    folder.WriteCheckpoint(network.Number, run.Checkpoint(data));
                }
            }
        }
    }

    NetworkRun Begin(SweepAccelerator accelerator, SweptNetwork network, Dataset data)
    {
        try
        {
            if (folder.ReadCheckpoint(network.Number) is { } checkpoint
                && checkpoint.Configuration.ToJson() == network.Configuration.ToJson())
            {
                return NetworkRun.Resume(accelerator.Kernels, checkpoint);
            }
        }
        catch (Exception fault) when (fault is InvalidRequestException or FormatException)
        {
            session.Note($"note: {fault.Message}: network {network.Number} is trained from its start");
        }
        return NetworkRun.Draw(accelerator.Kernels, network.Configuration, data.Vocabulary.Count);
    }

    void End(
        ParallelTrainer trainer, SweptNetwork network, NetworkRun run, Dataset data, int? rung, CancellationToken cancellation)
    {
        if (run.HasDiverged)
        {
            Add(network, new NetworkOutcome(NetworkEnd.Diverged, run.StepsDone, null, [.. run.Curve.Points], run.Seconds));
            return;
        }
        if (rung is { } at && at < run.Configuration.Steps)
        {
            double dev = trainer.Evaluate(run, data, [NetworkOutcome.Dev], cancellation)[NetworkOutcome.Dev];
            // A rung is reached when what goes on from it is on the disk.
            folder.WriteCheckpoint(network.Number, run.Checkpoint(data));
            lock (gate)
            {
                folder.Store.AddRung(network.Number, new Rung(at, dev));
            }
            return;
        }
        IReadOnlyDictionary<string, double> losses = trainer.Evaluate(run, data, [], cancellation);
        var outcome = new NetworkOutcome(NetworkEnd.Trained, run.StepsDone, losses, [.. run.Curve.Points], run.Seconds);
        lock (gate)
        {
            NetworkResult? before = Best;
            bool isBest = IsBest(network, outcome);
            if (plan.Settings.Keep == KeptModels.All || (plan.Settings.Keep == KeptModels.Best && isBest))
            {
                // The result says that the model is there.
                folder.WriteModel(network.Number, run.Model(data));
            }
            Add(network, outcome);
            if (plan.Settings.Keep == KeptModels.Best && isBest && before is not null)
            {
                folder.DeleteModel(before.Network.Number);
            }
        }
    }

    bool IsBest(SweptNetwork network, NetworkOutcome outcome)
    {
        var result = new NetworkResult(network, outcome);
        return SweepComparison.BestOf(Best is { } best ? [best, result] : [result]) == result;
    }

    void Drop(int number, double devLoss)
    {
        SweptNetwork network = plan.Network(number);
        Dataset data = plan.DataOf(network.Configuration.Recipe.Context);
        using NetworkRun run = Begin(plan.Accelerators[0], network, data);
        Add(network, new NetworkOutcome(
            NetworkEnd.Dropped, run.StepsDone, new Dictionary<string, double> { [NetworkOutcome.Dev] = devLoss }, [.. run.Curve.Points],
            run.Seconds));
    }

    void Add(SweptNetwork network, NetworkOutcome outcome)
    {
        var result = new NetworkResult(network, outcome);
        lock (gate)
        {
            folder.Store.Add(result);
            results.Add(network.Number, result);
            Best = IsBest(network, outcome) ? result : Best;
            folder.DeleteCheckpoint(network.Number);
            progress.Ended(Best, results.Count);
        }
    }
}
