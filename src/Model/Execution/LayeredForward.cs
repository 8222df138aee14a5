using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>The forward pass in the layered form: one launch for each operation, batch by batch.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
/// <param name="batch">Examples of a batch.</param>
sealed class LayeredForward(KernelSet kernels, Mlp network, int batch) : IForwardPass
{
    /// <summary>Examples of a batch: enough to be worth a launch, few enough that all activations stay in a processor's cache.</summary>
    public const int Batch = 1024;

    // 256 MB.
    const long MostValues = 1 << 26;

    readonly Activations activations = new(kernels, network, batch, withGradients: false);
    readonly GatheredBatch gathered = new(kernels, batch, network.Recipe.Context);

    public int MaxContexts => batch;

    /// <summary>Examples of a batch of a network.</summary>
    /// <param name="network">The network.</param>
    public static int BatchOf(NetworkShape network) => SizeLimits.EvaluationBatch(network, Batch, MostValues);

    /// <summary>The memory of a pass, and what <see cref="Losses"/> takes meanwhile.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">Examples of a batch.</param>
    /// <param name="examples">How many examples are evaluated.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    public static IEnumerable<PlannedBuffer> Plan(KernelSet kernels, Mlp network, int batch, int examples, LaunchPlan plan)
    {
        network.PlanForward(plan, Math.Min(batch, examples), Pass.Evaluation);
        using var activations = new Activations(kernels, network, batch, withGradients: false);
        return
        [
            .. activations.Plan(), .. GatheredBatch.Plan(batch, network.Recipe.Context), .. GatheredBatch.PlanAll(batch),
            PlannedBuffer.Of<float>("losses of an evaluation", batch),
        ];
    }

    // It works on the network's own parameters.
    public void Refresh()
    {
    }

    public IEnumerable<ArraySegment<float>> Losses(DeviceSplit split, IEnumerable<int> examples, CancellationToken cancellation)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = kernels.Accelerator.Allocate1D<float>(batch);
        var losses = new float[batch];
        foreach ((ArrayView<int> tokens, ArrayView<int> targets) in gathered.GatherAll(split, examples))
        {
            cancellation.ThrowIfCancellationRequested();
            network.Forward(tokens, activations, Pass.Evaluation);
            int size = targets.IntLength;
            kernels.SoftmaxCrossEntropy.Loss(
                activations.Logits.First(size * network.Vocabulary), targets, network.Vocabulary, buffer.View.SubView(0, size));
            kernels.Read(buffer.View.SubView(0, size), losses);
            yield return new ArraySegment<float>(losses, 0, size);
        }
    }

    public SplitMoments Moments(DeviceSplit split, int layer, IProgress<int>? progress, CancellationToken cancellation)
    {
        Tensor input = layer == 0 ? activations.Embedded : activations.Outputs[layer - 1];
        int features = network.Layers[layer].Outputs;
        using var batchMoments = new TensorStore(kernels.Launcher, withGradients: false);
        Tensor mean = batchMoments.Add("mean", features);
        Tensor squares = batchMoments.Add("squares", features);
        var moments = new SplitMoments(features);
        foreach ((ArrayView<int> tokens, ArrayView<int> targets) in gathered.GatherAll(split, split.Examples))
        {
            cancellation.ThrowIfCancellationRequested();
            int size = targets.IntLength;
            network.Forward(tokens, activations, Pass.Evaluation, layer);
            kernels.BatchNorm.Moments(input.First(size * features), size, features, mean.Data, squares.Data);
            moments.Merge(size, mean.ToArray(), squares.ToArray());
            progress?.Report(size);
        }
        return moments;
    }

    public float[] Logits(int[] contexts)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> tokens = kernels.Accelerator.Allocate1D(kernels.Stream, contexts);
        network.Forward(tokens.View, activations, Pass.Evaluation);
        return kernels.Read<float>(activations.Logits.First(contexts.Length / network.Recipe.Context * network.Vocabulary));
    }

    public void Dispose()
    {
        activations.Dispose();
        gathered.Dispose();
    }
}
