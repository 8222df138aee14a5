using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>
/// Looks into a network: runs a batch forward and backward in the layered form, which keeps every intermediate on the accelerator, and
/// measures them there. Parameters and running statistics stay as they are.
/// </summary>
public sealed class Inspector : IDisposable
{
    readonly KernelSet kernels;
    readonly Mlp network;
    readonly DeviceSplit split;
    readonly LayeredStep pass;
    readonly DistributionMeter meter;
    readonly MemoryBuffer1D<float, Stride1D.Dense> loss;

    /// <summary>Allocates everything that a look needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="examples">The examples that batches are taken from.</param>
    /// <param name="bins">The bins of histograms.</param>
    public Inspector(KernelSet kernels, Mlp network, Split examples, int bins = DistributionMeter.Bins)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        this.kernels = kernels;
        this.network = network;
        split = new DeviceSplit(kernels, examples);
        pass = new LayeredStep(kernels, network, split, network.Recipe.Batch);
        meter = new DistributionMeter(kernels, bins);
        loss = kernels.Accelerator.Allocate1D<float>(1);
        int[] tanh = IndicesOf<TanhActivation>();
        ShownLayers = tanh.Length > 0 ? tanh : IndicesOf<Linear>()[..^1];
        Matrices = [.. network.Parameters.Tensors.Where(tensor => tensor.Shape.Count == 2)];
    }

    /// <summary>The indices, in the network's list of layers, of the layers that are looked at.</summary>
    public IReadOnlyList<int> ShownLayers { get; }

    /// <summary>The matrices of parameters that are looked at.</summary>
    public IReadOnlyList<Tensor> Matrices { get; }

    /// <summary>The outputs of all layers for the last batch that was run, and their gradients.</summary>
    public Activations Activations => pass.Activations;

    /// <summary>Runs a batch forward and backward.</summary>
    /// <param name="indices">Its examples [N] on the accelerator.</param>
    public void RunBatch(ArrayView<int> indices) => pass.ComputeGradients(indices, Pass.Diagnosis, loss.View);

    /// <summary>Runs a batch forward and backward, and measures everything.</summary>
    /// <param name="indices">Its examples [N].</param>
    /// <param name="step">The steps that the network was trained for.</param>
    public Inspection Inspect(int[] indices, int step)
    {
        ArgumentNullException.ThrowIfNull(indices);
        using MemoryBuffer1D<int, Stride1D.Dense> batch = kernels.Accelerator.Allocate1D(kernels.Stream, indices);
        RunBatch(batch.View);
        return new Inspection(
            step,
            kernels.Read<float>(loss.View)[0],
            [.. ShownLayers.Select(InspectLayer)],
            [.. Matrices.Select(matrix => new WeightInspection(
                matrix.Name, matrix.Shape[0], matrix.Shape[1], meter.Measure(matrix.Data), meter.Measure(matrix.Gradient)))]);
    }

    /// <summary>
    /// The standard deviation of the update that a matrix is about to get, by that of its values: learning rate · std(dW) / std(W). The
    /// lecture's rule of thumb is 1e-3.
    /// </summary>
    /// <param name="matrix">The matrix, after <see cref="RunBatch"/>.</param>
    /// <param name="learningRate">The learning rate.</param>
    public double UpdateToData(Tensor matrix, float learningRate)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return learningRate * meter.StandardDeviation(matrix.Gradient) / meter.StandardDeviation(matrix.Data);
    }

    /// <summary>The part of a layer's outputs that is further from 0 than a threshold, after <see cref="RunBatch"/>.</summary>
    /// <param name="layer">The layer's index in the network's list.</param>
    /// <param name="threshold">The threshold.</param>
    public double ShareBeyond(int layer, float threshold) =>
        (double)CountBeyond(layer, threshold).Sum(count => (long)count) / Activations.Outputs[layer].Length;

    /// <inheritdoc/>
    public void Dispose()
    {
        loss.Dispose();
        meter.Dispose();
        pass.Dispose();
        split.Dispose();
    }

    int[] CountBeyond(int layer, float threshold) =>
        meter.CountBeyond(Activations.Outputs[layer].Data, network.Layers[layer].Outputs, threshold);

    LayerInspection InspectLayer(int layer)
    {
        Tensor output = Activations.Outputs[layer];
        bool isTanh = network.Layers[layer] is TanhActivation;
        return new LayerInspection(
            layer, isTanh ? "Tanh" : "Linear", meter.Measure(output.Data), meter.Measure(output.Gradient),
            isTanh ? SaturationOf(layer) : null);
    }

    Saturation SaturationOf(int layer)
    {
        Tensor output = Activations.Outputs[layer];
        int[] strong = CountBeyond(layer, Saturation.StrongThreshold);
        var outputs = new float[Activations.Batch, strong.Length];
        Buffer.BlockCopy(output.ToArray(), 0, outputs, 0, sizeof(float) * output.Length);
        return new Saturation(
            ShareBeyond(layer, Saturation.Threshold),
            (double)strong.Sum(count => (long)count) / output.Length,
            [.. Enumerable.Range(0, strong.Length).Where(unit => strong[unit] == Activations.Batch)],
            outputs);
    }

    int[] IndicesOf<TLayer>()
        where TLayer : Layer => [.. Enumerable.Range(0, network.Layers.Count).Where(layer => network.Layers[layer] is TLayer)];
}
