using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>The batches of a run, which follow from its seed alone.</summary>
public static class BatchSequence
{
    /// <summary>The batch that training takes after so many steps, drawn as <see cref="Trainer"/> draws it.</summary>
    /// <param name="kernels">The kernels, for the parameters that are drawn before the first batch.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="data">The data set.</param>
    /// <param name="steps">The steps before.</param>
    /// <returns>The examples of the batch [N].</returns>
    public static int[] BatchAfter(KernelSet kernels, Configuration configuration, Dataset data, int steps)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(data);
        using var network = new Mlp(kernels, configuration.Recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        var batch = new int[configuration.Recipe.Batch];
        for (int step = 0; step <= steps; step++)
        {
            generator.RandInt(0, data.Train.Count, batch);
        }
        return batch;
    }
}
