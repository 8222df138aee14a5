using Makemore.Gpu.Model.Data;
using static TorchSharp.torch;

namespace Makemore.Gpu.Torch;

/// <summary>A split as torch's tensors.</summary>
/// <param name="split">The split.</param>
sealed class TensorSplit(Split split) : IDisposable
{
    /// <summary>All contexts [M, T].</summary>
    public Tensor Contexts { get; } = tensor(split.ContextsOf(split.Examples), dtype: ScalarType.Int64).view(split.Count, -1);

    /// <summary>All targets [M].</summary>
    public Tensor Targets { get; } = tensor(split.Tokens, dtype: ScalarType.Int64);

    /// <summary>Takes examples at random, as the training does.</summary>
    /// <param name="count">How many.</param>
    /// <param name="generator">The generator.</param>
    public (Tensor Contexts, Tensor Targets) Draw(int count, Generator generator)
    {
        Tensor indices = randint(Targets.shape[0], [count], generator: generator);
        return (Contexts.index_select(0, indices), Targets.index_select(0, indices));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Contexts.Dispose();
        Targets.Dispose();
    }
}
