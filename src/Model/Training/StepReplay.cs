using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// Keeps the parameters of now and then a step, and the generator of its batches, to look into one of the steps after it.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network that is trained.</param>
/// <param name="launchSteps">The most steps of a launch.</param>
sealed class StepReplay(KernelSet kernels, Mlp network, int launchSteps) : IDisposable
{
    // So that few steps are run again, and keeping costs nothing beside so many.
    const int Launches = 10;

    readonly MemoryBuffer1D<float, Stride1D.Dense> kept = kernels.Accelerator.Allocate1D<float>(network.Parameters.Data.Length);
    TorchGenerator? generator;
    int step;

    ArrayView<float> Kept => kept.View;

    /// <summary>The memory that it takes.</summary>
    /// <param name="network">The network that is trained.</param>
    public static PlannedBuffer Plan(Mlp network) => network.Parameters.Plan("parameters of an earlier step");

    /// <summary>Whether it is time to keep a step.</summary>
    /// <param name="stepsDone">The steps that were completed.</param>
    public bool IsDue(int stepsDone) => generator is null || stepsDone - step >= Launches * launchSteps;

    /// <summary>Keeps the network's own parameters, which are up to date, and the generator's state.</summary>
    /// <param name="stepsDone">The steps that were completed.</param>
    /// <param name="batches">The generator of the batches.</param>
    public void Keep(int stepsDone, TorchGenerator batches)
    {
        step = stepsDone;
        generator = batches.Clone();
        Kept.CopyFrom(kernels.Stream, network.Parameters.Data);
    }

    /// <summary>
    /// Trains again up to a step whose loss is no number, and looks into it and into the step before. The network's parameters are then
    /// those before the step.
    /// </summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="examples">The training split.</param>
    /// <param name="diverged">The step.</param>
    /// <param name="train">Trains the network from one step to another, by batches of the generator.</param>
    /// <returns>
    /// The features that do not vary in the step, where the normalization has no ε; and the first value that is not finite. Null where
    /// there are none: another form of a step may round otherwise.
    /// </returns>
    public (FlatFeatures? Flat, NonFiniteValue? First) LookInto(
        Configuration configuration, Split examples, int diverged, Action<TorchGenerator, int, int> train)
    {
        int before = Math.Max(step, diverged - 1);
        network.Parameters.Data.CopyFrom(kernels.Stream, Kept);
        train(generator!, step, before);
        var batch = new int[network.Recipe.Batch];
        using var split = new DeviceSplit(kernels, examples);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D<int>(batch.Length);
        using MemoryBuffer1D<float, Stride1D.Dense> loss = kernels.Accelerator.Allocate1D<float>(1);
        using var layered = new LayeredStep(kernels, network, split, batch.Length);
        NonFiniteValue? first = null;
        for (int current = before; ; current++)
        {
            generator!.RandInt(0, examples.Count, batch);
            indices.View.CopyFromCPU(kernels.Stream, batch);
            layered.ComputeGradients(indices.View, Pass.Diagnosis, loss.View);
            first ??= NonFiniteValue.Find(network, layered.Activations, current);
            if (current == diverged)
            {
                bool needsSpread = configuration.Recipe.Normalization is { NeedsSpread: true };
                return (needsSpread ? FlatFeatures.Find(network, layered.Activations) : null, first);
            }
            layered.Run(indices.View, steps: 1, configuration.LearningRate(current), loss.View);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => kept.Dispose();
}
