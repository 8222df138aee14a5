using System.Diagnostics;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>What a step of training gave.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Loss">The mean loss of its batch, before its update, plus the L2 loss where there is one.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="DevLoss">The dev loss before its update; null where it was not measured.</param>
readonly record struct StepResult(int Step, float Loss, float LearningRate, double? DevLoss = null);

/// <summary>
/// The training loop. Many steps are launched at a time: before them the indices of their batches are copied to the device, after them
/// their losses are copied back, and between them nothing is copied or waited for.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network, its parameters drawn.</param>
/// <param name="configuration">The settings.</param>
/// <param name="generator">The generator that drew the parameters: it goes on to draw the batches.</param>
/// <param name="strategy">How a step is run.</param>
sealed class Trainer(KernelSet kernels, Mlp network, Configuration configuration, TorchGenerator generator, Strategy strategy)
{
    readonly Stopwatch clock = new();
    readonly List<StepResult> results = [];
    int timedSteps;
    bool hasLaunched;
    float firstLoss;

    double recentLoss;
    int recentSteps;

    /// <summary>
    /// Where an earlier run stopped, to go on from there: the network and the generator are as they were then. Null for a new run.
    /// </summary>
    public TrainingState? Start
    {
        get;
        init
        {
            field = value;
            if (value is not null)
            {
                (StepsDone, firstLoss, recentLoss, recentSteps, Dev) =
                    (value.StepsDone, value.FirstLoss, value.RecentLoss, value.RecentSteps, value.Dev);
            }
        }
    }

    /// <summary>What looks at the network while it is trained; null for nothing.</summary>
    public TrainingWatch? Watch { get; init; }

    /// <summary>What measures the dev loss; null for nothing.</summary>
    public DevMeter? DevMeter { get; init; }

    /// <summary>After how many measurements in a row that are not below the lowest dev loss training stops; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>What keeps checkpoints; null for nothing.</summary>
    public ICheckpoints? Checkpoints { get; init; }

    /// <summary>The step at which training ends.</summary>
    public int Steps => configuration.Steps;

    /// <summary>Steps that were completed.</summary>
    public int StepsDone { get; private set; }

    /// <summary>How the dev loss went; null where none was measured.</summary>
    public DevProgress? Dev { get; private set; }

    /// <summary>Whether the dev loss was not below its lowest for as many measurements as there is patience.</summary>
    public bool HasLostPatience => Dev?.Stale >= Patience;

    /// <summary>
    /// The speed of the loop so far, in steps a second. The first launch, in which kernels are compiled, does not count, nor does the
    /// time of the watch, of dev losses, of checkpoints and of the listener.
    /// </summary>
    public double StepsPerSecond => timedSteps == 0 ? 0 : timedSteps / clock.Elapsed.TotalSeconds;

    /// <summary>Trains to the end of the configuration's steps, or until patience is lost, or until canceled.</summary>
    /// <remarks>A checkpoint is kept at the end, too, whichever it is.</remarks>
    /// <param name="examples">The training split.</param>
    /// <param name="listener">Called with the results of the steps of each launch; the first launch is one step alone.</param>
    /// <param name="cancellation">Stops between two launches; the network is then as after <see cref="StepsDone"/> steps.</param>
    /// <exception cref="FlatBatchException">The examples of a drawn batch do not differ, and the normalization has no ε.</exception>
    /// <exception cref="DivergedException">
    /// The loss became infinite or not a number. The network's parameters are lost.
    /// </exception>
    public void Run(Split examples, Action<IReadOnlyList<StepResult>> listener, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(listener);
        using var launches = new StepLaunches(kernels, network, examples, strategy);
        var length = new LaunchLength(launches.MostSteps);
        int start = StepsDone;
        // Where the loss is no number, the same steps once more tell where it went wrong.
        using var replay = new StepReplay(kernels, network, launches.MostSteps);
        try
        {
            while (StepsDone < configuration.Steps && !cancellation.IsCancellationRequested)
            {
                if (StepsDone != start && Checkpoints?.IsDue(StepsDone) == true)
                {
                    launches.Store();
                    Checkpoints.Keep(State());
                }
                if (replay.IsDue(StepsDone))
                {
                    launches.Store();
                    replay.Keep(StepsDone, generator);
                }
                bool isMeasured = DevMeter is not null && StepsDone > 0 && StepsDone % DevMeter.Every == 0;
                if (isMeasured && (!TryMeasure(launches, cancellation) || HasLostPatience))
                {
                    break;
                }
                if (Launch(launches, length, isMeasured ? Dev!.Last.Loss : null, listener) is { } diverged)
                {
                    (FlatFeatures? flat, NonFiniteValue? first) = replay.LookInto(
                        configuration, examples, diverged.Step, (batches, from, to) => Repeat(examples, batches, from, to));
                    throw new Divergence(diverged.Step, diverged.Loss, firstLoss, network.Shape, configuration.Recipe, flat, first)
                        .ToException();
                }
            }
            if (StepsDone > 0 && StepsDone == configuration.Steps)
            {
                TryMeasure(launches, cancellation);
            }
            launches.Store();
            Checkpoints?.Keep(State());
        }
        finally
        {
            // Also where the listener or the loss ends the run: the network then has the parameters of the last step.
            launches.Store();
        }
    }

    // Gives the step whose loss is no number, which is then the last one that is reported.
    StepResult? Launch(StepLaunches launches, LaunchLength length, double? devLoss, Action<IReadOnlyList<StepResult>> listener)
    {
        int drawn = length.Next(StepsDone, Ends());
        float learningRate = configuration.LearningRate(StepsDone);
        long begin = Stopwatch.GetTimestamp();
        StartClock();
        int steps = launches.Draw(generator, drawn);
        if (steps == 0)
        {
            throw new FlatBatchException(StepsDone, configuration.Recipe.Batch);
        }
        if (Watch is not null && StepsDone % Watch.Every == 0)
        {
            clock.Stop();
            launches.Store();
            Watch.Look(StepsDone, launches.FirstBatch, learningRate);
            begin = Stopwatch.GetTimestamp();
            StartClock();
        }
        ReadOnlySpan<float> losses = launches.Run(steps, learningRate);
        clock.Stop();
        length.Took(steps, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        timedSteps += hasLaunched ? steps : 0;
        hasLaunched = true;
        StepResult? diverged = Report(losses, learningRate, devLoss, listener);
        return diverged is null && steps < drawn ? throw new FlatBatchException(StepsDone, configuration.Recipe.Batch) : diverged;
    }

    // Gives false where it was canceled, and then leaves everything as it was.
    bool TryMeasure(StepLaunches launches, CancellationToken cancellation)
    {
        // A run that goes on from its end has measured there already.
        if (DevMeter is null || Dev?.Last.Step == StepsDone)
        {
            return true;
        }
        launches.Store();
        try
        {
            double loss = DevMeter.Measure(cancellation);
            Dev = DevProgress.After(Dev, new DevPoint(StepsDone, loss, recentLoss / recentSteps));
            (recentLoss, recentSteps) = (0, 0);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        if (Dev.Stale == 0)
        {
            Checkpoints?.KeepBest(State());
        }
        return true;
    }

    TrainingState State() => new(StepsDone, generator.ToText(), firstLoss, recentLoss, recentSteps, Dev);

    void Repeat(Split examples, TorchGenerator batches, int start, int end)
    {
        var again = new Trainer(kernels, network, configuration with { Steps = end }, batches, strategy) { StepsDone = start };
        again.Run(examples, _ => { });
    }

    void StartClock()
    {
        if (hasLaunched)
        {
            clock.Start();
        }
    }

    // The steps at which a launch must end, since then something is done or the learning rate is another.
    IEnumerable<int> Ends()
    {
        yield return configuration.Steps;
        if (StepsDone < configuration.DropAt)
        {
            yield return configuration.DropAt;
        }
        foreach (int every in new[] { Watch?.Every, DevMeter?.Every, Checkpoints?.Every }.OfType<int>())
        {
            // The last of these steps may be more than an int holds.
            yield return (int)Math.Min(((StepsDone / every) + 1L) * every, int.MaxValue);
        }
    }

    StepResult? Report(ReadOnlySpan<float> losses, float learningRate, double? devLoss, Action<IReadOnlyList<StepResult>> listener)
    {
        results.Clear();
        StepResult? diverged = null;
        for (int i = 0; i < losses.Length && diverged is null; i++)
        {
            var result = new StepResult(StepsDone + i, losses[i], learningRate, i == 0 ? devLoss : null);
            results.Add(result);
            recentLoss += result.Loss;
            recentSteps++;
            diverged = float.IsFinite(result.Loss) ? null : result;
        }
        firstLoss = StepsDone == 0 ? losses[0] : firstLoss;
        StepsDone += losses.Length;
        listener(results);
        return diverged;
    }
}
