using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>How steps are run: one mathematics, two forms.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Threads">Threads of the fused kernel.</param>
public sealed record Strategy(string Name, int Threads = 1)
{
    /// <summary>The name of the choice by size and accelerator.</summary>
    public const string Auto = "auto";

    /// <summary>A chain of kernels, one launch for each operation.</summary>
    public static Strategy Layered { get; } = new("layered");

    /// <summary>One persistent kernel.</summary>
    public static Strategy Fused { get; } = new("fused");

    /// <summary>The strategy that a name means.</summary>
    /// <param name="name">auto, fused or layered.</param>
    /// <param name="threads">Threads of the fused kernel; null for 1.</param>
    /// <param name="device">The device.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">There is no such strategy, or it cannot have these threads.</exception>
    public static Strategy Choose(string name, int? threads, FoundDevice device, Configuration configuration, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(name);
        Strategy strategy = name.ToLowerInvariant() switch
        {
            Auto => Fused,
            "fused" => Fused,
            "layered" => Layered,
            _ => throw new InvalidRequestException($"unknown strategy '{name}': use auto, fused or layered"),
        };
        return strategy with { Threads = threads ?? 1 };
    }

    /// <summary>The step, with everything that it needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    public ITrainingStep CreateStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch) =>
        Name == Fused.Name ? new FusedStep(kernels, network, split, batch, Threads) : new LayeredStep(kernels, network, split, batch);
}
