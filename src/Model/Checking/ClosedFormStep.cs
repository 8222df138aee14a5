using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// The same batch by the kernels of layered training, with softmax, cross-entropy and batch normalization each in closed form: exercises 2
/// to 4 of the lecture on manual backprop.
/// </summary>
static class ClosedFormStep
{
    static readonly string[] LayerNames = ["embcat", "hprebn", "hpreact", "h", "logits"];

    /// <summary>Runs the batch.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The parameters and the examples.</param>
    /// <returns>
    /// The loss and the outputs of the layers by the lecture's names, and the gradients of layers and parameters as <c>name.grad</c>, all
    /// row by row.
    /// </returns>
    public static IReadOnlyDictionary<string, IReadOnlyList<float>> Run(KernelSet kernels, LectureBatch batch)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(batch);
        using Mlp network = batch.CreateNetwork(kernels);
        using var activations = new Activations(kernels, network, batch.Count, withGradients: true);
        using var results = new TensorStore(kernels.Launcher, withGradients: false);
        Tensor losses = results.Add("losses", batch.Count);
        Tensor loss = results.Add("loss", 1);
        using MemoryBuffer1D<int, Stride1D.Dense> tokens = kernels.Accelerator.Allocate1D(kernels.Stream, batch.Tokens);
        using MemoryBuffer1D<int, Stride1D.Dense> targets = kernels.Accelerator.Allocate1D(kernels.Stream, batch.Targets);
        using MemoryBuffer1D<StepState, Stride1D.Dense> state = kernels.Accelerator.Allocate1D(kernels.Stream, new StepState[1]);

        network.Forward(tokens.View, activations, Pass.Training);
        kernels.SoftmaxCrossEntropy.LossAndGradient(
            activations.Logits.Data, targets.View, batch.Vocabulary, losses.Data, activations.Logits.Gradient);
        kernels.SoftmaxCrossEntropy.Mean(losses.Data, state.View, loss.Data);
        network.Backward(tokens.View, activations);

        var tensors = new Dictionary<string, IReadOnlyList<float>> { ["loss"] = loss.ToArray() };
        foreach ((string name, Tensor output) in LayerNames.Zip(activations.Outputs.Prepend(activations.Embedded)))
        {
            tensors[name] = output.ToArray();
            tensors[TensorNames.Gradient(name)] = output.GradientToArray();
        }
        foreach (Tensor parameter in network.Parameters.Tensors)
        {
            tensors[TensorNames.Gradient(parameter.Name)] = parameter.GradientToArray();
        }
        return tensors;
    }
}
