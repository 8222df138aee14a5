using System.Diagnostics;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>Keeps networks on their way now and then, so that an interrupted sweep goes on from there.</summary>
/// <param name="interval">How often.</param>
/// <param name="keep">Keeps them, their own parameters being up to date.</param>
sealed class Checkpointing(TimeSpan interval, Action keep) : ICheckpoints
{
    long last = Stopwatch.GetTimestamp();

    /// <summary>Whether it is time.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(last) >= interval;

    /// <inheritdoc/>
    public int? Every => null;

    /// <summary>Keeps them where it is time.</summary>
    public void KeepIfDue()
    {
        if (IsDue)
        {
            keep();
            last = Stopwatch.GetTimestamp();
        }
    }

    /// <inheritdoc/>
    bool ICheckpoints.IsDue(int stepsDone) => IsDue;

    /// <inheritdoc/>
    // Training keeps one at its end, too, which the sweep itself decides on.
    void ICheckpoints.Keep(TrainingState state) => KeepIfDue();

    /// <inheritdoc/>
    void ICheckpoints.KeepBest(TrainingState state)
    {
    }
}
