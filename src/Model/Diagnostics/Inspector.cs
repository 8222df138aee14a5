using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>
/// Looks into a network: runs a batch forward and backward in the layered form, which keeps every intermediate on the accelerator, and
/// measures them there. Parameters and running statistics stay as they are.
/// </summary>
sealed class Inspector : IDisposable
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
    /// <param name="bins">The bins of histograms; null for as many as their values carry.</param>
    public Inspector(KernelSet kernels, Mlp network, Split examples, int? bins = null)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        this.kernels = kernels;
        this.network = network;
        split = new DeviceSplit(kernels, examples);
        pass = new LayeredStep(kernels, network, split, network.Recipe.Batch);
        meter = new DistributionMeter(kernels, bins);
        loss = kernels.Accelerator.Allocate1D<float>(1);
        ShownLayers = ShownLayersOf(network);
        Matrices = [.. network.Parameters.Tensors.Where(tensor => tensor.Shape.Count == 2)];
    }

    /// <summary>The indices, in the network's list of layers, of the layers that are looked at.</summary>
    public IReadOnlyList<int> ShownLayers { get; }

    /// <summary>The matrices of parameters that are looked at.</summary>
    public IReadOnlyList<Tensor> Matrices { get; }

    /// <summary>The outputs of all layers for the last batch that was run, and their gradients.</summary>
    public Activations Activations => pass.Activations;

    /// <summary>The memory of looks in training, without <see cref="Mlp.PlanGradients"/>.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="examples">The examples that batches are taken from.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    public static IEnumerable<PlannedBuffer> Plan(KernelSet kernels, Mlp network, Split examples, LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(network);
        int columns = ShownLayersOf(network).Select(layer => network.Layers[layer].Outputs).DefaultIfEmpty().Max();
        return
        [
            DeviceSplit.Plan("examples", examples),
            .. LayeredStep.Plan(kernels, network, network.Recipe.Batch, Strategy.Layered, plan).Buffers,
            .. DistributionMeter.Plan(), DistributionMeter.PlanCounts(columns), PlannedBuffer.Of<float>("loss", 1),
        ];
    }

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
            InspectLogits(),
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

    /// <summary>
    /// The standard deviation of a matrix's gradient by that of its values after the update that the gradient makes: std(dW) / std(W -
    /// learning rate · dW). The lecture prints its grad:data ratio after the step, and so this one.
    /// </summary>
    /// <param name="matrix">The matrix, after <see cref="RunBatch"/>.</param>
    /// <param name="learningRate">The learning rate.</param>
    public double GradientToUpdatedData(Tensor matrix, float learningRate)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        using MemoryBuffer1D<float, Stride1D.Dense> updated = kernels.Accelerator.Allocate1D<float>(matrix.Length);
        using MemoryBuffer1D<StepState, Stride1D.Dense> state = kernels.Accelerator.Allocate1D<StepState>(1);
        updated.View.CopyFrom(kernels.Stream, matrix.Data);
        kernels.Sgd.Begin(learningRate, state.View);
        kernels.Sgd.Update(matrix.Gradient, state.View, updated.View);
        return meter.StandardDeviation(matrix.Gradient) / meter.StandardDeviation(updated.View);
    }

    /// <summary>The part of an activation's values where it is flat, after <see cref="RunBatch"/>.</summary>
    /// <param name="layer">The activation's index in the network's list of layers.</param>
    /// <param name="bounds">Where it is flat.</param>
    public double ShareOf(int layer, FlatBounds bounds) =>
        (double)CountFlat(layer, bounds).Sum(count => (long)count) / Activations.Outputs[layer].Length;

    /// <inheritdoc/>
    public void Dispose()
    {
        loss.Dispose();
        meter.Dispose();
        pass.Dispose();
        split.Dispose();
    }

    // What the bounds are of.
    Tensor Source(int layer, FlatBounds bounds) => Activations.Outputs[bounds.AreOfInput ? layer - 1 : layer];

    int[] CountFlat(int layer, FlatBounds bounds) =>
        meter.CountBeyond(Source(layer, bounds).Data, network.Layers[layer].Outputs, bounds.Low, bounds.High);

    LayerInspection InspectLayer(int layer)
    {
        Tensor output = Activations.Outputs[layer];
        Activation? activation = (network.Layers[layer] as ActivationLayer)?.Activation;
        return new LayerInspection(
            layer, activation is { } kind ? $"{kind}" : "Linear",
            activation is null ? null : meter.Measure(Activations.Outputs[layer - 1].Data),
            meter.Measure(output.Data, activation is { } bounded ? FlatBounds.RangeOf(bounded) : null),
            meter.Measure(output.Gradient),
            activation is { } saturating ? SaturationOf(layer, saturating) : null);
    }

    LogitsInspection InspectLogits()
    {
        float[] logits = Activations.Logits.ToArray();
        return new LogitsInspection(logits[..network.Vocabulary], logits.Min(), logits.Max());
    }

    Saturation SaturationOf(int layer, Activation activation)
    {
        FlatBounds dead = FlatBounds.OfDead(activation);
        Tensor output = Source(layer, dead);
        int[] strong = CountFlat(layer, dead);
        var outputs = new float[Activations.Batch, strong.Length];
        Buffer.BlockCopy(output.ToArray(), 0, outputs, 0, sizeof(float) * output.Length);
        return new Saturation(
            activation,
            ShareOf(layer, FlatBounds.Of(activation)),
            (double)strong.Sum(count => (long)count) / output.Length,
            [.. Enumerable.Range(0, strong.Length).Where(unit => strong[unit] == Activations.Batch)],
            outputs);
    }

    static int[] ShownLayersOf(Mlp network)
    {
        int[] activations = IndicesOf<ActivationLayer>(network);
        return activations.Length > 0 ? activations : IndicesOf<Linear>(network)[..^1];
    }

    static int[] IndicesOf<TLayer>(Mlp network)
        where TLayer : Layer => [.. Enumerable.Range(0, network.Layers.Count).Where(layer => network.Layers[layer] is TLayer)];
}
