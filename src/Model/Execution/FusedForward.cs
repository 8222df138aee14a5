using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// The forward pass in the fused form, many batches in one launch; each group takes whole batches. By threads, a group is one thread, and a
/// processor has a group for each core. On a CUDA GPU it is by warps, for a network that warp groups train as well.
/// </summary>
sealed class FusedForward : IForwardPass
{
    /// <summary>Examples of a batch: few enough that their activations stay in a core's own cache.</summary>
    public const int Batch = 128;

    // Of a group: 16 MB.
    const long MostValues = 1 << 22;

    // Of a launch: few enough that it takes parts of a second, since only launches can be interrupted, and tell how far they are.
    const int MaxLaunchBatches = 256;
    const int MaxLaunchLogits = 1 << 26;

    // Each group has a scratch of its own: this bounds their memory.
    const int MaxGroups = 64;

    readonly KernelSet kernels;
    readonly Mlp source;
    readonly FusedForm form;
    readonly int batch;
    readonly int launchBatches;
    readonly int groups;
    readonly FusedNetwork network;

    // The logits of a batch, kept from one call to the next: with a large vocabulary they are large.
    float[]? rows;

    public FusedForward(KernelSet kernels, Mlp network, FusedForm form, int batch)
    {
        this.kernels = kernels;
        this.form = form;
        this.batch = batch;
        source = network;
        groups = GroupsOf(kernels);
        launchBatches = LaunchBatchesOf(network, batch, groups);
        this.network = new FusedNetwork(kernels, network, batch, form, threads: 1, groups);
    }

    public int MaxContexts => batch;

    /// <summary>Examples of a batch of a network.</summary>
    /// <param name="network">The network.</param>
    public static int BatchOf(NetworkShape network) => SizeLimits.EvaluationBatch(network, Batch, MostValues);

    int LaunchExamples => launchBatches * batch;

    /// <summary>The memory of a pass, and what <see cref="Losses"/> takes meanwhile.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="form">Who works.</param>
    /// <param name="batch">Examples of a batch.</param>
    public static IEnumerable<PlannedBuffer> Plan(KernelSet kernels, Mlp network, FusedForm form, int batch)
    {
        int groups = GroupsOf(kernels);
        int examples = LaunchBatchesOf(network, batch, groups) * batch;
        FusedLayout layout = FusedNetwork.Layout(network.Shape, batch, form, threads: 1, kernels.Accelerator.Device);
        return
        [
            .. FusedNetwork.Plan(kernels.Launcher, layout, groups),
            ExampleIndices.Plan(examples),
            PlannedBuffer.Of<float>("losses of an evaluation", LossesLength(examples)),
        ];
    }

    public void Refresh() => network.Load();

    public IEnumerable<ArraySegment<float>> Losses(DeviceSplit split, IEnumerable<int> examples, CancellationToken cancellation)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = kernels.Accelerator.Allocate1D<float>(LossesLength(LaunchExamples));
        var losses = new float[LaunchExamples];
        foreach (ArrayView<int> indices in ExampleIndices.Upload(kernels, examples, LaunchExamples))
        {
            cancellation.ThrowIfCancellationRequested();
            int count = indices.IntLength;
            Launch(split, indices, buffer.View.SubView(0, LossesLength(count)), groups);
            kernels.Read(buffer.View.SubView(0, count), losses);
            yield return new ArraySegment<float>(losses, 0, count);
        }
    }

    public SplitMoments Moments(DeviceSplit split, int layer, IProgress<int>? progress, CancellationToken cancellation)
    {
        Refresh();
        int linear = source.Layers.Take(layer).Count(below => below is Linear) - 1;
        int features = source.Layers[layer].Outputs;
        int padded = network.Padded(features);
        using MemoryBuffer1D<float, Stride1D.Dense> results = kernels.Accelerator.Allocate1D<float>(launchBatches * 2L * padded);
        var batches = new float[results.Length];
        var moments = new SplitMoments(features);
        foreach (ArrayView<int> indices in ExampleIndices.Upload(kernels, split.Examples, LaunchExamples))
        {
            cancellation.ThrowIfCancellationRequested();
            int count = indices.IntLength;
            kernels.Fused.Moments(network.Operands(split, indices, results.View), form, linear, groups);
            kernels.Read(results.View, batches);
            for (int i = 0; i * batch < count; i++)
            {
                ReadOnlySpan<float> meansAndSquares = batches.AsSpan(i * 2 * padded, 2 * padded);
                int size = Math.Min(batch, count - (i * batch));
                moments.Merge(size, meansAndSquares[..features], meansAndSquares.Slice(padded, features));
            }
            progress?.Report(count);
        }
        return moments;
    }

    // The kernel leaves the logits in its scratch [V, P]: a row for each token.
    public float[] Logits(int[] contexts)
    {
        int count = contexts.Length / network.Shape.Context;
        (Split split, int[] examples) = Split.OfContexts(contexts, new int[count]);
        using var data = new DeviceSplit(kernels, split);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D(kernels.Stream, examples);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = kernels.Accelerator.Allocate1D<float>(LossesLength(count));
        Launch(data, indices.View, losses.View, groups: 1);
        int stride = network.Shape.PaddedBatch;
        int vocabulary = source.Vocabulary;
        rows ??= new float[vocabulary * stride];
        network.Logits.CopyToCPU(kernels.Stream, rows);
        kernels.Stream.Synchronize();
        var logits = new float[count * vocabulary];
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = rows[(i % vocabulary * stride) + (i / vocabulary)];
        }
        return logits;
    }

    public void Dispose() => network.Dispose();

    static int GroupsOf(KernelSet kernels) => Math.Min(kernels.Launcher.Shape.MaxGroups, MaxGroups);

    static int LaunchBatchesOf(Mlp network, int batch, int groups) =>
        Math.Clamp(MaxLaunchLogits / (batch * network.Vocabulary), groups, MaxLaunchBatches);

    static int LossesLength(int examples) => examples + FusedLayout.MaxPadding;

    void Launch(DeviceSplit split, ArrayView<int> indices, ArrayView<float> losses, int groups) =>
        kernels.Fused.Losses(network.Operands(split, indices, losses), form, groups);
}
