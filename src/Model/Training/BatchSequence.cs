using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>The batches of a run, which follow from its seed alone.</summary>
static class BatchSequence
{
    /// <summary>The most random numbers that may stand before a batch: those of some days of training, and of minutes here.</summary>
    public const long MostNumbers = 100_000_000_000;

    // A tenth of a second of drawing.
    const long SkippedAtOnce = 1 << 26;

    /// <summary>The batch that training takes after so many steps, drawn as <see cref="Trainer"/> draws it.</summary>
    /// <param name="kernels">The kernels, for the parameters that are drawn before the first batch.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="data">The data set.</param>
    /// <param name="steps">The steps before.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The examples of the batch [N].</returns>
    /// <exception cref="InvalidRequestException">More than <see cref="MostNumbers"/> stand before it.</exception>
    public static int[] BatchAfter(
        KernelSet kernels, Configuration configuration, Dataset data, int steps, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(data);
        var batch = new int[configuration.Recipe.Batch];
        GeneratorAfter(kernels, configuration, data.Vocabulary.Count, steps, cancellation).RandInt(0, data.Train.Count, batch);
        return batch;
    }

    /// <summary>The generator of the batches after so many steps.</summary>
    /// <param name="kernels">The kernels, for the parameters that are drawn before the first batch.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="steps">The steps before.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidRequestException">More than <see cref="MostNumbers"/> stand before it.</exception>
    public static TorchGenerator GeneratorAfter(
        KernelSet kernels, Configuration configuration, int vocabulary, int steps, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        int batch = configuration.Recipe.Batch;
        long before = (long)steps * batch;
        if (before > MostNumbers)
        {
            throw new InvalidRequestException(
                $"the batch after {steps:N0} steps of {batch:N0} examples comes after {before:N0} random numbers, and at most "
                + $"{MostNumbers:N0} are drawn: inspect a checkpoint of an earlier step");
        }
        using var network = new Mlp(kernels, configuration.Recipe, vocabulary);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        for (long rest = before; rest > 0; rest -= SkippedAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            generator.SkipInts(Math.Min(rest, SkippedAtOnce));
        }
        return generator;
    }
}
