using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>How steps are run: one mathematics, two forms.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Threads">Threads of the fused kernel.</param>
public sealed record Strategy(string Name, int Threads = 1)
{
    const int MostThreads = 1024;

    // What a core's own cache and its part of the common one hold.
    const long MostFusedBytes = 64 << 20;

    /// <summary>The name of the choice by size and accelerator.</summary>
    public const string Auto = "auto";

    /// <summary>A chain of kernels, one launch for each operation.</summary>
    public static Strategy Layered { get; } = new("layered");

    /// <summary>One persistent kernel.</summary>
    public static Strategy Fused { get; } = new("fused");

    /// <summary>
    /// The choice by size and accelerator, the same each time: fused on a processor, whose cores are best kept at work on what they hold in
    /// their caches, for networks that fit those; layered on a GPU, which wants every thread at work, and for larger networks.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    public static Strategy Automatic(Device device, Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return LaunchShape.IsProcessor(device) && Bytes(FusedNetwork.Layout(recipe, vocabulary, recipe.Batch, threads: 1)) <= MostFusedBytes ? Fused : Layered;
    }

    /// <summary>The strategy that a name means.</summary>
    /// <param name="name">auto, fused or layered.</param>
    /// <param name="device">The device.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">There is no such strategy, or the network is too large for it.</exception>
    public static Strategy Named(string name, Device device, Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToLowerInvariant() switch
        {
            Auto => Automatic(device, recipe, vocabulary),
            "fused" when !FusedNetwork.Layout(recipe, vocabulary, recipe.Batch, MostThreads).IsReachable =>
                throw new InvalidRequestException("the network is too large for the fused form: use --strategy layered"),
            "fused" => Fused,
            "layered" => Layered,
            _ => throw new InvalidRequestException($"unknown strategy '{name}': use auto, fused or layered"),
        };
    }

    /// <summary>The forward pass for evaluation.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network, its parameters as they will be evaluated.</param>
    internal IForwardPass CreateForward(KernelSet kernels, Mlp network) =>
        Name == Fused.Name ? new FusedForward(kernels, network) : new LayeredForward(kernels, network);

    /// <summary>The strategy with more threads.</summary>
    /// <param name="threads">Threads of the fused kernel.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidRequestException">The strategy or the device cannot have them.</exception>
    public Strategy With(int threads, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (threads < 1 || threads > device.MaxNumThreadsPerGroup)
        {
            throw new InvalidRequestException($"--threads is {threads} and must be 1 to {device.MaxNumThreadsPerGroup} on this accelerator");
        }
        return threads == 1 || Name == Fused.Name
            ? this with { Threads = threads }
            : throw new InvalidRequestException("--threads is for the fused form: use --strategy fused");
    }

    static long Bytes(FusedLayout layout) => sizeof(float) * (layout.ParameterLength + layout.ScratchLength);

    /// <summary>The step, with everything that it needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    public ITrainingStep CreateStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch) =>
        Name == Fused.Name ? new FusedStep(kernels, network, split, batch, Threads) : new LayeredStep(kernels, network, split, batch);
}
