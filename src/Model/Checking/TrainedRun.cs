namespace Makemore.Gpu.Model.Checking;

/// <summary>What a training gave that was run in one of its ways.</summary>
/// <param name="Accelerator">The accelerator, by its name on the command line.</param>
/// <param name="Vectors">The vectors of its kernels, by name.</param>
/// <param name="Strategy">The name of the strategy.</param>
/// <param name="Way">The way.</param>
/// <param name="Losses">The loss of every step.</param>
/// <param name="Tensors">The parameters and statistics afterwards.</param>
sealed record TrainedRun(
    string Accelerator, string Vectors, string Strategy, TrainingWay Way, IReadOnlyList<float> Losses, IReadOnlyList<HostTensor> Tensors)
{
    /// <summary>Whether another run must have the same bits: one on the same accelerator by the same strategy.</summary>
    /// <param name="other">The other run.</param>
    public bool MustEqual(TrainedRun other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Accelerator, Strategy) == (other.Accelerator, other.Strategy);
    }
}
