using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels;

/// <summary>
/// Every operation of the network, its kernels loaded once for one accelerator, when it is first used. All launches go to one stream and
/// run in the order in which they are called; nothing waits until somebody reads a result.
/// </summary>
public sealed class KernelSet
{
    readonly Dictionary<Activation, ActivationFunction> activations = [];

    /// <summary>Kernels on a launcher.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    internal KernelSet(Launcher launcher) => Launcher = launcher;

    /// <summary>Kernels with the accelerator's own launch shape.</summary>
    /// <param name="accelerator">The accelerator.</param>
    internal KernelSet(Accelerator accelerator)
        : this(Launcher.For(accelerator))
    {
    }

    /// <summary>Where the kernels are loaded and launched.</summary>
    internal Launcher Launcher { get; }

    /// <summary>The accelerator, for allocations and copies.</summary>
    public Accelerator Accelerator => Launcher.Accelerator;

    /// <summary>
    /// The vectors that kernels compute with, by name: avx512, avx2 or portable. Each has a number of lanes of its own, and so an order of
    /// its own for sums: the bits of a result depend on it.
    /// </summary>
    internal string Vectors => Accelerator.AcceleratorType == AcceleratorType.CPU ? Tile.ProcessorLanes : Tile.Portable;

    /// <summary>The stream of all launches.</summary>
    public AcceleratorStream Stream => Launcher.Stream;

    /// <summary>Takes a batch out of a data set on the device.</summary>
    internal BatchGather BatchGather => field ??= new(Launcher);

    /// <summary>Rows of the embedding table for tokens, and the table's gradient.</summary>
    public Embedding Embedding => field ??= new(Launcher);

    /// <summary>Matrix products, plain and with either side transposed.</summary>
    public MatMul MatMul => field ??= new(Launcher);

    /// <summary>The bias of a linear layer and its gradient.</summary>
    public Bias Bias => field ??= new(Launcher);

    /// <summary>Batch normalization, forward and backward.</summary>
    public BatchNorm BatchNorm => field ??= new(Launcher);

    /// <summary>Group and layer normalization, forward and backward.</summary>
    public GroupNorm GroupNorm => field ??= new(Launcher);

    /// <summary>The lectures' activation and its gradient.</summary>
    public ActivationFunction Tanh => ActivationOf(Activation.Tanh);

    /// <summary>The loss and its gradient.</summary>
    public SoftmaxCrossEntropy SoftmaxCrossEntropy => field ??= new(Launcher);

    /// <summary>The penalty for large weights and its gradient.</summary>
    internal L2Penalty L2Penalty => field ??= new(Launcher);

    /// <summary>The update of the parameters.</summary>
    public Sgd Sgd => field ??= new(Launcher);

    /// <summary>Mean, standard deviation, histogram and saturation of any tensor.</summary>
    internal Statistics Statistics => field ??= new(Launcher);

    /// <summary>Many steps of training, or the losses of many examples, in one launch.</summary>
    internal FusedMlp Fused => field ??= new(Launcher);

    /// <summary>An activation and its gradient.</summary>
    /// <param name="activation">Which; <see cref="Activation.None"/> has no kernels.</param>
    public ActivationFunction ActivationOf(Activation activation)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(activation, Activation.None);
        ref ActivationFunction? function = ref CollectionsMarshal.GetValueRefOrAddDefault(activations, activation, out _);
        return function ??= new ActivationFunction(Launcher, activation);
    }

    /// <summary>Copies values to the host and waits for them, and so for everything that was launched before.</summary>
    /// <typeparam name="T">The type of a value.</typeparam>
    /// <param name="view">The values.</param>
    internal T[] Read<T>(ArrayView<T> view)
        where T : unmanaged
    {
        var values = new T[view.Length];
        Read(view, values);
        return values;
    }

    /// <summary>The same, into an array that is there already.</summary>
    /// <typeparam name="T">The type of a value.</typeparam>
    /// <param name="view">The values.</param>
    /// <param name="target">Where they go, from its beginning on.</param>
    internal void Read<T>(ArrayView<T> view, Span<T> target)
        where T : unmanaged
    {
        view.CopyToCPU(Stream, target[..view.IntLength]);
        Stream.Synchronize();
    }
}
