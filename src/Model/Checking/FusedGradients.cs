using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>The same batch by the fused form: one step of the persistent kernel itself.</summary>
static class FusedGradients
{
    /// <summary>
    /// The learning rate of the step, so large that the update dwarfs the parameters: their change then holds nearly all digits of the
    /// gradient.
    /// </summary>
    internal const float LearningRate = 1024;

    /// <summary>Runs the batch.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The parameters and the examples.</param>
    /// <returns>
    /// The loss, and the gradients of all parameters as <c>name.grad</c>, row by row: the persistent kernel keeps no others. Nothing where
    /// the network has no fused form on the accelerator.
    /// </returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<float>> Run(KernelSet kernels, LectureBatch batch)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(batch);
        Device device = kernels.Accelerator.Device;
        if (!Strategy.HasFusedForm(device, batch.Recipe, batch.Vocabulary))
        {
            return new Dictionary<string, IReadOnlyList<float>>();
        }
        using Mlp network = batch.CreateNetwork(kernels);
        (Split split, int[] examples) = Split.OfContexts(batch.Tokens, batch.Targets);
        using var data = new DeviceSplit(kernels, split);
        var strategy = Strategy.Named(Strategy.Fused.Name, device, batch.Recipe, batch.Vocabulary);
        using ITrainingStep step = strategy.CreateStep(kernels, network, data, batch.Count);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D(kernels.Stream, examples);
        using MemoryBuffer1D<float, Stride1D.Dense> loss = kernels.Accelerator.Allocate1D<float>(1);
        step.Run(indices.View, steps: 1, LearningRate, loss.View);
        step.Store();
        var results = new Dictionary<string, IReadOnlyList<float>> { ["loss"] = kernels.Read<float>(loss.View) };
        foreach (Tensor tensor in network.Parameters.Tensors)
        {
            IEnumerable<(float Before, float After)> values = batch.Parameters[tensor.Name].Zip(tensor.ToArray());
            results[TensorNames.Gradient(tensor.Name)] =
                [.. values.Select(value => (float)(((double)value.Before - value.After) / LearningRate))];
        }
        return results;
    }
}
