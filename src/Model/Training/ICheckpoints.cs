using Makemore.Gpu.Model.Checkpoints;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// Keeps what an interrupted run goes on from. Training calls it between two launches, the network's own parameters being up to date, and
/// goes on as soon as it returns.
/// </summary>
interface ICheckpoints
{
    /// <summary>Every how many steps a launch ends, so that a checkpoint can be kept there; null where any step will do.</summary>
    int? Every { get; }

    /// <summary>Whether one is due.</summary>
    /// <param name="stepsDone">The steps that were completed.</param>
    bool IsDue(int stepsDone);

    /// <summary>Keeps the network as it is.</summary>
    /// <param name="state">What training needs beside it to go on.</param>
    void Keep(TrainingState state);

    /// <summary>Keeps the network as the best so far.</summary>
    /// <param name="state">What training needs beside it to go on.</param>
    void KeepBest(TrainingState state);
}
