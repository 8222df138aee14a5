using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// A network laid out for the fused kernels of one form: a copy of its parameters and statistics, with weights as [outputs, inputs], and
/// the scratch of a batch.
/// </summary>
sealed class FusedNetwork : IDisposable
{
    readonly Mlp network;
    readonly KernelSet kernels;
    readonly FusedLayout layout;
    readonly AlignedBuffer parameters;
    readonly AlignedBuffer scratch;
    readonly MemoryBuffer1D<FusedLayer, Stride1D.Dense> layers;

    /// <summary>Lays a network out, and copies its parameters and statistics.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="form">Who the workers are: threads, warps or warp groups.</param>
    /// <param name="threads">
    /// The most threads of a group in the form by threads, each with scratch of its own; not used by the other forms.
    /// </param>
    /// <param name="groups">How many groups have a scratch of their own: those of an evaluation. Groups that train share one.</param>
    public FusedNetwork(KernelSet kernels, Mlp network, int batch, FusedForm form, int threads, int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        this.kernels = kernels;
        this.network = network;
        layout = Layout(network.Shape, batch, form, threads, kernels.Accelerator.Device);
        parameters = new AlignedBuffer(kernels.Launcher, layout.ParameterLength);
        scratch = new AlignedBuffer(kernels.Launcher, groups * layout.ScratchLength);
        layers = kernels.Accelerator.Allocate1D(kernels.Stream, [.. layout.Layers]);
        Load();
    }

    /// <summary>The layer table.</summary>
    public IReadOnlyList<FusedLayer> Layers => layout.Layers;

    /// <summary>The sizes, and the offsets of what all layers share.</summary>
    public FusedShape Shape => layout.Shape;

    /// <summary>The logits of the last batch of the first group [V, P], P the padded batch.</summary>
    public ArrayView<float> Logits => scratch.View.SubView(layout.Layers[^1].Y, network.Vocabulary * Shape.PaddedBatch);

    /// <summary>Lays a network out from its layers.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="form">Who the workers are: threads, warps or warp groups.</param>
    /// <param name="threads">
    /// The most threads of a group in the form by threads, each with scratch of its own; not used by the other forms.
    /// </param>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidRequestException">A layer has no fused form; the message names it.</exception>
    public static FusedLayout Layout(NetworkShape shape, int batch, FusedForm form, int threads, Device device)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(device);
        bool hasCopies = device.AcceleratorType == AcceleratorType.CPU;
        return new FusedLayout(
            shape.Vocabulary, shape.Embedding, shape.Context, batch, FusedLayers.Of(shape), form, threads, hasCopies,
            FusedLayers.Constants(shape), shape.TableL2);
    }

    /// <summary>The memory that a network in a layout takes.</summary>
    /// <param name="launcher">The accelerator.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="groups">How many groups have a scratch of their own.</param>
    public static IEnumerable<PlannedBuffer> Plan(Launcher launcher, FusedLayout layout, int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return
        [
            new("parameters, fused", AlignedBuffer.BytesOf(launcher, layout.ParameterLength)),
            new("activations and scratch, fused", AlignedBuffer.BytesOf(launcher, groups * layout.ScratchLength)),
            PlannedBuffer.Of<FusedLayer>("layers, fused", layout.Layers.Count),
        ];
    }

    /// <summary>What the fused kernels work on.</summary>
    /// <param name="split">The data set.</param>
    /// <param name="indices">The examples.</param>
    /// <param name="results">Where the results go.</param>
    public FusedOperands Operands(DeviceSplit split, ArrayView<int> indices, ArrayView<float> results)
    {
        ArgumentNullException.ThrowIfNull(split);
        return new(
            layers.View, parameters.View, scratch.View, split.Tokens.Cast<float>(), indices.Cast<float>(), results, Shape,
            FusedLayers.Constants(network.Shape));
    }

    /// <summary>A length with its padding.</summary>
    /// <param name="length">The length.</param>
    public int Padded(int length) => layout.Padded(length);

    /// <summary>Copies the parameters and statistics of the network.</summary>
    public void Load()
    {
        var values = new float[layout.ParameterLength];
        FusedParameters.Load(network, layout, values);
        parameters.View.CopyFromCPU(kernels.Stream, values);
        kernels.Stream.Synchronize();
    }

    /// <summary>Copies the parameters and statistics back to the network.</summary>
    public void Store()
    {
        var values = new float[layout.ParameterLength];
        parameters.View.CopyToCPU(kernels.Stream, values);
        kernels.Stream.Synchronize();
        FusedParameters.Store(values, layout, network);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        parameters.Dispose();
        scratch.Dispose();
        layers.Dispose();
    }
}
