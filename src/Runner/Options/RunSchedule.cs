using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Options;

/// <summary>What a run of training writes down, and when it stops.</summary>
/// <param name="LogEvery">Every how many steps the loss is written down.</param>
/// <param name="WatchEvery">Every how many steps the network is looked at; null for never.</param>
/// <param name="CheckpointEvery">Every how many steps a checkpoint is kept; null for once a minute.</param>
/// <param name="Dev">How often the dev loss is measured, and on how many examples; null for never.</param>
/// <param name="Patience">After how many dev losses in a row that are not below the lowest it stops; null for never.</param>
/// <param name="KeepBest">Whether it ends with the network of the lowest dev loss.</param>
/// <param name="Tensorboard">Whether its losses are written for TensorBoard, too.</param>
/// <param name="Csv">Whether its losses are written as a table, too, at its end.</param>
sealed record RunSchedule(
    int LogEvery, int? WatchEvery, int? CheckpointEvery, DevPlan? Dev, int? Patience, bool KeepBest, bool Tensorboard = false,
    bool Csv = false)
{
    /// <summary>Checks what was read from a file.</summary>
    /// <exception cref="InvalidRequestException">A number is below 1.</exception>
    public void Validate()
    {
        foreach (int? number in new[] { LogEvery, WatchEvery, CheckpointEvery, Dev?.Every, Dev?.Examples, Patience })
        {
            if (number < 1)
            {
                throw new InvalidRequestException($"a number of steps, examples or dev losses is {number} and must be at least 1");
            }
        }
    }
}
