using System.Diagnostics;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// Writes the checkpoints of a run while it goes on: training waits only until the network is copied. Where the disk is slower than
/// training, it is the newest that is written next.
/// </summary>
/// <param name="folder">The folder of the run.</param>
/// <param name="every">Every how many steps one is due; null for once a minute.</param>
/// <param name="copy">Copies the network, and the state of its training.</param>
sealed class RunCheckpoints(RunFolder folder, int? every, Func<TrainingState, ModelFile> copy) : ICheckpoints, IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    readonly Lock gate = new();
    long last = Stopwatch.GetTimestamp();
    ModelFile? nextBest;
    ModelFile? next;
    Task? writing;

    /// <inheritdoc/>
    public int? Every => every;

    /// <inheritdoc/>
    public bool IsDue(int stepsDone) => every is { } steps ? stepsDone % steps == 0 : Stopwatch.GetElapsedTime(last) >= Interval;

    /// <inheritdoc/>
    public void Keep(TrainingState state)
    {
        last = Stopwatch.GetTimestamp();
        // The losses that belong to the checkpoint are then ahead of it.
        folder.FlushLosses();
        ModelFile checkpoint = copy(state);
        lock (gate)
        {
            next = checkpoint;
            Begin();
        }
    }

    /// <inheritdoc/>
    public void KeepBest(TrainingState state)
    {
        ModelFile checkpoint = copy(state);
        lock (gate)
        {
            nextBest = checkpoint;
            Begin();
        }
    }

    /// <summary>Waits until what was kept is on the disk.</summary>
    public void Wait()
    {
        Task? pending;
        lock (gate)
        {
            pending = writing;
        }
        pending?.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => Wait();

    // A checkpoint knows of the best one, which therefore is written before it.
    void Begin() => writing ??= Task.Run(() =>
    {
        while (TakeNext() is var (best, checkpoint))
        {
            if (best is not null)
            {
                folder.Try(folder.Best, best.Write);
            }
            // Weights that are no numbers are of no use to go on from.
            if (checkpoint?.IsFinite == true)
            {
                folder.SyncLosses();
                folder.Try(folder.Checkpoints.Path, _ => folder.Checkpoints.Write(checkpoint));
            }
        }
    });

    (ModelFile? Best, ModelFile? Checkpoint)? TakeNext()
    {
        lock (gate)
        {
            if (nextBest is null && next is null)
            {
                writing = null;
                return null;
            }
            (ModelFile? best, ModelFile? checkpoint) = (nextBest, next);
            (nextBest, next) = (null, null);
            return (best, checkpoint);
        }
    }
}
