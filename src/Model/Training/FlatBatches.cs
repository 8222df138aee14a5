using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>Looks out for batches whose examples all have the same context, which a BatchNorm whose ε is 0 cannot normalize.</summary>
/// <param name="examples">The examples that batches are drawn from.</param>
/// <param name="recipe">The recipe: whether its normalization needs a spread, and its batch.</param>
sealed class FlatBatches(Split examples, Recipe recipe)
{
    readonly bool needsSpread = recipe.Normalization is { NeedsSpread: true };

    /// <summary>How many of the drawn steps come before the first whose batch cannot be normalized; all where each can.</summary>
    /// <param name="indices">The examples of each step [steps, N].</param>
    public int StepsBefore(ReadOnlySpan<int> indices)
    {
        int steps = indices.Length / recipe.Batch;
        for (int step = 0; needsSpread && step < steps; step++)
        {
            if (IsFlat(indices.Slice(step * recipe.Batch, recipe.Batch)))
            {
                return step;
            }
        }
        return steps;
    }

    // The first example that differs settles it, which nearly always is the second.
    bool IsFlat(ReadOnlySpan<int> batch)
    {
        foreach (int example in batch[1..])
        {
            if (!examples.HaveSameContext(batch[0], example))
            {
                return false;
            }
        }
        return true;
    }
}
