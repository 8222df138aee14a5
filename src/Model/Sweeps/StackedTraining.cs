using System.Diagnostics;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>Trains networks of one shape at once, each up to a step of its own.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="shape">The shape.</param>
/// <param name="groups">How many threads of a processor, or groups of a GPU, train.</param>
/// <param name="examples">The training split.</param>
sealed class StackedTraining(KernelSet kernels, StackShape shape, int groups, Split examples)
{
    readonly int batch = shape.Layout.Shape.Batch;

    /// <summary>Told of the steps of each launch, of all networks together; null for nobody.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>Called between two launches where a checkpoint is due, the networks' own parameters being up to date.</summary>
    public Checkpointing? Checkpoints { get; init; }

    /// <summary>Trains them, and brings their own parameters up to date.</summary>
    /// <param name="runs">The networks.</param>
    /// <param name="until">Up to how many steps of each, or its last step where that comes first.</param>
    /// <param name="cancellation">Stops between two launches.</param>
    public void Train(IReadOnlyList<NetworkRun> runs, int until, CancellationToken cancellation)
    {
        using var split = new DeviceSplit(kernels, examples);
        using var stack = new StackedNetworks(kernels, shape, split, runs.Count, groups);
        var length = new LaunchLength(stack.MostSteps);
        while (Unfinished() is { Length: > 0 } active && !cancellation.IsCancellationRequested)
        {
            // A network that ends leaves the others closer together.
            Mlp[] networks = [.. active.Select(run => run.Network)];
            stack.Load(networks);
            do
            {
                Launch(stack, active, length, until);
            }
            while (active.All(IsUnfinished) && !cancellation.IsCancellationRequested && Checkpoints?.IsDue != true);
            stack.Store(networks);
            Checkpoints?.KeepIfDue();
        }

        bool IsUnfinished(NetworkRun run) => !run.HasDiverged && run.StepsDone < Math.Min(until, run.Configuration.Steps);

        NetworkRun[] Unfinished() => [.. runs.Where(IsUnfinished)];
    }

    void Launch(StackedNetworks stack, NetworkRun[] active, LaunchLength length, int until)
    {
        int steps = active.Min(run => length.Next(run.StepsDone, Ends(run, until)));
        long begin = Stopwatch.GetTimestamp();
        int[] usable = new int[active.Length];
        // A thread that draws all batches would keep the others waiting.
        Parallel.For(0, active.Length, i => usable[i] = Draw(active[i], stack.HostIndices.AsSpan(i * steps * batch, steps * batch)));
        ReadOnlySpan<float> losses = stack.Run(steps, Array.ConvertAll(active, run => run.Configuration.LearningRate(run.StepsDone))).Span;
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        length.Took(steps, seconds);
        for (int i = 0; i < active.Length; i++)
        {
            active[i].Add(losses.Slice(i * steps, usable[i]), seconds);
            if (usable[i] < steps)
            {
                active[i].Diverge();
            }
        }
        Progress?.Report(steps * active.Length);
    }

    // How many steps come before the first whose batch cannot be normalized.
    int Draw(NetworkRun run, Span<int> indices)
    {
        run.Generator.RandInt(0, examples.Count, indices);
        return new FlatBatches(examples, run.Configuration.Recipe).StepsBefore(indices);
    }

    static IEnumerable<int> Ends(NetworkRun run, int until)
    {
        yield return Math.Min(until, run.Configuration.Steps);
        if (run.StepsDone < run.Configuration.DropAt)
        {
            yield return run.Configuration.DropAt;
        }
    }
}
