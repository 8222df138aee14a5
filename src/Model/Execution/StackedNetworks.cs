using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// Networks of one shape, stacked in one buffer and trained at once in the fused form, each by a thread or a group of warps of its own.
/// Each gets the bits that it gets alone by <see cref="FusedStep"/>; on a CUDA GPU, those of one group.
/// </summary>
sealed class StackedNetworks : IDisposable
{
    // ILGPU takes every view to begin at a multiple of 256 bytes.
    const int Alignment = TensorStore.Alignment;

    readonly KernelSet kernels;
    readonly StackShape shape;
    readonly DeviceSplit split;
    readonly int parameterStride;
    readonly AlignedBuffer parameters;
    readonly AlignedBuffer scratch;
    readonly MemoryBuffer1D<FusedLayer, Stride1D.Dense> layers;
    readonly MemoryBuffer1D<FusedSettings, Stride1D.Dense> settings;
    readonly MemoryBuffer1D<int, Stride1D.Dense> begun;
    readonly MemoryBuffer1D<int, Stride1D.Dense> indices;
    readonly MemoryBuffer1D<float, Stride1D.Dense> results;
    readonly FusedSettings[] hostSettings;
    readonly float[] hostParameters;
    readonly float[] losses;
    readonly int groups;

    /// <summary>Allocates everything that the training takes.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="shape">What the networks have in common.</param>
    /// <param name="split">The examples.</param>
    /// <param name="most">The most networks at once.</param>
    /// <param name="groups">How many threads of a processor, or groups of a GPU, train; each takes one network after another.</param>
    public StackedNetworks(KernelSet kernels, StackShape shape, DeviceSplit split, int most, int groups)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        this.kernels = kernels;
        this.shape = shape;
        this.split = split;
        this.groups = groups;
        FusedLayout layout = shape.Layout;
        parameterStride = Aligned(layout.ParameterLength);
        hostSettings = new FusedSettings[most];
        hostParameters = new float[(long)most * parameterStride];
        losses = new float[most * MostSteps];
        HostIndices = new int[most * MostSteps * layout.Shape.Batch];
        parameters = new AlignedBuffer(kernels.Launcher, hostParameters.Length);
        scratch = new AlignedBuffer(kernels.Launcher, (long)groups * Aligned(layout.ScratchLength));
        layers = kernels.Accelerator.Allocate1D<FusedLayer>((long)most * layout.Layers.Count);
        settings = kernels.Accelerator.Allocate1D<FusedSettings>(most);
        begun = kernels.Accelerator.Allocate1D<int>(1);
        indices = kernels.Accelerator.Allocate1D<int>(HostIndices.Length);
        results = kernels.Accelerator.Allocate1D<float>(losses.Length);
    }

    /// <summary>The most steps of a launch.</summary>
    public int MostSteps => StepsOf(shape);

    /// <summary>Where the examples of the next launch go [networks, steps, N].</summary>
    public int[] HostIndices { get; }

    /// <summary>The memory that stacked networks take.</summary>
    /// <param name="shape">What the networks have in common.</param>
    /// <param name="networks">How many at once.</param>
    /// <param name="groups">How many threads or groups train.</param>
    public static long BytesOf(StackShape shape, int networks, int groups)
    {
        ArgumentNullException.ThrowIfNull(shape);
        long perNetwork = shape.Layout.ParameterLength + ((long)StepsOf(shape) * (shape.Layout.Shape.Batch + 1));
        return sizeof(float) * ((networks * perNetwork) + (groups * shape.Layout.ScratchLength));
    }

    /// <summary>Whether an array of the host holds the parameters of so many networks, and another the examples of a launch.</summary>
    /// <param name="shape">What the networks have in common.</param>
    /// <param name="networks">How many at once.</param>
    public static bool CanHold(StackShape shape, int networks)
    {
        ArgumentNullException.ThrowIfNull(shape);
        long parameters = networks * (shape.Layout.ParameterLength + Alignment);
        return Math.Max(parameters, (long)networks * StepsOf(shape) * shape.Layout.Shape.Batch) <= Array.MaxLength / sizeof(float);
    }

    /// <summary>Takes the parameters and statistics of networks, in place of those before.</summary>
    /// <param name="networks">The networks, of the stack's shape; at most as many as fit.</param>
    public void Load(IReadOnlyList<Mlp> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(networks.Count, hostSettings.Length, nameof(networks));
        var table = new List<FusedLayer>();
        foreach ((int i, Mlp network) in networks.Index())
        {
            FusedLayout layout = StackShape.LayoutOf(kernels, network.Shape, network.Recipe.Batch, shape.Form);
            table.AddRange(layout.Layers);
            hostSettings[i] = new FusedSettings(FusedLayers.Constants(network.Shape), layout.Shape.TableL2, LearningRate: 0);
            FusedParameters.Load(network, layout, hostParameters.AsSpan(i * parameterStride, parameterStride));
        }
        parameters.View.CopyFromCPU(kernels.Stream, hostParameters);
        layers.View.SubView(0, table.Count).CopyFromCPU(kernels.Stream, [.. table]);
        kernels.Stream.Synchronize();
    }

    /// <summary>Copies the parameters and statistics back to the networks.</summary>
    /// <param name="networks">The networks that were loaded last, in their order.</param>
    public void Store(IReadOnlyList<Mlp> networks)
    {
        ArgumentNullException.ThrowIfNull(networks);
        parameters.View.CopyToCPU(kernels.Stream, hostParameters);
        kernels.Stream.Synchronize();
        foreach ((int i, Mlp network) in networks.Index())
        {
            FusedParameters.Store(hostParameters.AsSpan(i * parameterStride, parameterStride), shape.Layout, network);
        }
    }

    /// <summary>Runs steps of the networks that were loaded last, on the examples in <see cref="HostIndices"/>.</summary>
    /// <param name="steps">How many steps of each.</param>
    /// <param name="learningRates">The learning rate of each network.</param>
    /// <returns>The loss of each step before its update [networks, steps], which the next launch overwrites.</returns>
    public ReadOnlyMemory<float> Run(int steps, ReadOnlySpan<float> learningRates)
    {
        int networks = learningRates.Length;
        for (int i = 0; i < networks; i++)
        {
            hostSettings[i] = hostSettings[i] with { LearningRate = learningRates[i] };
        }
        FusedShape one = shape.Layout.Shape;
        ArrayView<int> drawn = indices.View.SubView(0, networks * steps * one.Batch);
        ArrayView<float> record = results.View.SubView(0, networks * steps);
        settings.View.CopyFromCPU(kernels.Stream, hostSettings);
        begun.MemSetToZero(kernels.Stream);
        drawn.CopyFromCPU(kernels.Stream, HostIndices.AsSpan(0, drawn.IntLength));
        var operands = new FusedOperands(
            layers.View.SubView(0, networks * one.Layers), parameters.View, scratch.View, split.Tokens.Cast<float>(), drawn.Cast<float>(),
            record, one, Constants: default);
        kernels.Fused.TrainNetworks(
            new FusedNetworks(
                operands, settings.View.SubView(0, networks), begun.View, parameterStride, Aligned(shape.Layout.ScratchLength)),
            shape.Form, Math.Min(groups, networks), steps);
        record.CopyToCPU(kernels.Stream, losses.AsSpan(0, record.IntLength));
        kernels.Stream.Synchronize();
        return losses.AsMemory(0, record.IntLength);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        results.Dispose();
        indices.Dispose();
        begun.Dispose();
        settings.Dispose();
        layers.Dispose();
        scratch.Dispose();
        parameters.Dispose();
    }

    static int StepsOf(StackShape shape) => FusedStep.MostSteps(shape.Layout.Shape.Batch);

    static int Aligned(long length) => checked((int)((length + Alignment - 1) / Alignment * Alignment));
}
