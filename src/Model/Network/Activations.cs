using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Model.Network;

/// <summary>The outputs of all layers for one batch, on the device, with their gradients where training needs them.</summary>
public sealed class Activations : IDisposable
{
    readonly TensorStore store;

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
        store = new TensorStore(kernels.Accelerator, kernels.Stream, withGradients);
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

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();
}
