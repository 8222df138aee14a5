using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Model.Network;

/// <summary>The outputs of all layers for one batch, on the device, with their gradients where training needs them.</summary>
sealed class Activations : IDisposable
{
    readonly TensorStore store;
    readonly bool withGradients;

    /// <summary>Declares the activations of a network.</summary>
    /// <param name="kernels">The kernels, for their accelerator.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N, the largest batch.</param>
    /// <param name="withGradients">Whether gradients are needed.</param>
    public Activations(KernelSet kernels, Mlp network, int batch, bool withGradients)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        Batch = batch;
        this.withGradients = withGradients;
        store = new TensorStore(kernels.Launcher, withGradients);
        Embedded = store.Add("embcat", batch, network.EmbeddedWidth);
        Outputs = [.. network.Layers.Select((layer, i) => store.Add($"layer {i}", batch, layer.Outputs))];
    }

    /// <summary>N, the largest batch.</summary>
    public int Batch { get; }

    /// <summary>The embedded contexts [N, T·E].</summary>
    public Tensor Embedded { get; }

    /// <summary>The output of each layer [N, outputs].</summary>
    public IReadOnlyList<Tensor> Outputs { get; }

    /// <summary>The logits [N, V].</summary>
    public Tensor Logits => Outputs[^1];

    /// <summary>Their memory. They take it when they are first used.</summary>
    public IEnumerable<PlannedBuffer> Plan() =>
        withGradients ? [store.Plan("activations"), store.Plan("gradients of activations")] : [store.Plan("activations")];

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();
}
