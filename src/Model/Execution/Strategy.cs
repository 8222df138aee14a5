using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// In which form steps are run: layered, with one launch for each operation; or fused, in one persistent kernel whose workers are threads,
/// warps or warp groups. The mathematics is the same in all.
/// </summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Threads">How many threads of a processor share a step.</param>
/// <param name="Form">Who the workers of the fused form are.</param>
/// <param name="Groups">How many groups train in the fused form by warps or warp groups.</param>
sealed record Strategy(string Name, int Threads = 1, FusedForm Form = FusedForm.Threads, int Groups = 1)
{
    // Of a linear layer, whose phases end at barriers: 20 µs of a core. The lectures' networks have half of it.
    const double MultiplyAddsOfThread = 1e6;

    // The most threads that a group has on any device. By threads, the layout has scratch for each.
    const int MaxThreads = 1024;

    /// <summary>
    /// Whether a launch may have one thread instead, where that is faster: on a machine that is busy with something else. No result
    /// depends on it.
    /// </summary>
    public bool GivesWay { get; init; }

    /// <summary>The most steps that one launch takes; null for as many as are worth it. No result depends on it.</summary>
    public int? StepsPerLaunch { get; init; }

    /// <summary>The name of the choice by size and accelerator.</summary>
    public const string Auto = "auto";

    /// <summary>The layered form: a chain of kernels, one launch for each operation.</summary>
    public static Strategy Layered { get; } = new("layered");

    /// <summary>The fused form by a single thread: one persistent kernel.</summary>
    public static Strategy Fused { get; } = new("fused");

    /// <summary>
    /// The choice by size and accelerator, the same each time. On the CPU accelerator: fused by threads. On a processor by OpenCL: the
    /// same, where one core is as fast as all are in the layered form, as <see cref="OpenCLCost"/> estimates. On a CUDA GPU: fused by warp
    /// groups, or by warps for a batch above 32, where a layered step would spend its time on launches rather than on the work, as
    /// <see cref="FusedCost"/> estimates. Layered for larger networks, on other GPUs, and where a layer has no fused form.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    public static Strategy Automatic(Device device, Recipe recipe, int vocabulary) => Named(Auto, device, recipe, vocabulary);

    /// <summary>Whether a network has a fused form on a device: all its layers have one, and its buffers are not too large.</summary>
    /// <param name="device">The device.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    public static bool HasFusedForm(Device device, Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var shape = NetworkShape.Of(recipe, vocabulary);
        return FusedLayers.Have(shape) && IsReachable(shape, recipe.Batch, device);
    }

    /// <summary>The strategy that a name means.</summary>
    /// <param name="name">auto, fused or layered.</param>
    /// <param name="device">The device.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">
    /// There is no such strategy, the network is too large for it, or a layer has no such form; the message names the layer.
    /// </exception>
    public static Strategy Named(string name, Device device, Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(recipe);
        var shape = NetworkShape.Of(recipe, vocabulary);
        Strategy strategy = name.ToLowerInvariant() switch
        {
            Auto => FormFor(shape, recipe.Batch, device),
            "fused" when !IsReachable(shape, recipe.Batch, device) =>
                throw new InvalidRequestException($"the network is too large for the fused form: use {SettingName.Strategy} layered"),
            "fused" when HasWarps(device) => OnWarps(FusedCost.Of(shape, recipe.Batch, device), recipe.Batch),
            "fused" => Fused,
            "layered" => Layered,
            _ => throw new InvalidRequestException(
                $"unknown strategy '{name}'{Suggestion.For(name, [Auto, "fused", "layered"])}: use auto, fused or layered"),
        };
        int threads = ThreadsFor(shape, recipe.Batch, device);
        return threads == 1 ? strategy : strategy with { Threads = threads, GivesWay = true };
    }

    /// <summary>The forward pass for evaluation.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network, its parameters as they will be evaluated.</param>
    /// <param name="contexts">
    /// The most contexts that logits are asked for at a time, where they are fewer than a batch: less is then computed and held.
    /// </param>
    internal IForwardPass CreateForward(KernelSet kernels, Mlp network, int? contexts = null) => Name == Fused.Name
        ? new FusedForward(kernels, network, Form, contexts ?? FusedForward.BatchOf(network.Shape))
        : new LayeredForward(kernels, network, contexts ?? LayeredForward.BatchOf(network.Shape));

    /// <summary>Whether the strategy can have a number of threads: on processors, and layered on the CPU accelerator alone.</summary>
    /// <param name="threads">How many threads share a step.</param>
    /// <param name="device">The device.</param>
    public bool CanHave(int threads, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return !Form.HasWarps() && threads >= 1 && threads <= device.MaxNumThreadsPerGroup
            && (threads == 1 || Name == Fused.Name || device.AcceleratorType == AcceleratorType.CPU);
    }

    /// <summary>The strategy with a given number of threads.</summary>
    /// <param name="threads">How many threads share a step.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidRequestException">The strategy or the device cannot have them.</exception>
    public Strategy With(int threads, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (CanHave(threads, device))
        {
            return this with { Threads = threads, GivesWay = false };
        }
        if (Form.HasWarps())
        {
            throw new InvalidRequestException(
                $"{SettingName.Threads} is for processors: on this accelerator, the groups of the fused form have a size of their own");
        }
        throw new InvalidRequestException(
            threads < 1 || threads > device.MaxNumThreadsPerGroup
                ? $"{SettingName.Threads} is {threads} and must be 1 to {device.MaxNumThreadsPerGroup} on this accelerator"
                : $"{SettingName.Threads} is {threads}, and the layered form can have that on the CPU accelerator alone: use "
                    + $"{SettingName.Accelerator} cpu");
    }

    /// <summary>The step, with everything that it needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    public ITrainingStep CreateStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch) =>
        Name == Fused.Name
            ? new FusedStep(kernels, network, split, batch, this)
            : new LayeredStep(kernels, network, split, batch, this);

    /// <summary>What the step takes.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    public StepPlan PlanStep(KernelSet kernels, Mlp network, int batch, LaunchPlan plan) => Name == Fused.Name
        ? FusedStep.Plan(kernels, network, batch, this, plan)
        : LayeredStep.Plan(kernels, network, batch, this, plan);

    /// <summary>The memory of the forward pass for evaluation.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="examples">How many examples are evaluated.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    internal IEnumerable<PlannedBuffer> PlanForward(KernelSet kernels, Mlp network, int examples, LaunchPlan plan) => Name == Fused.Name
        ? FusedForward.Plan(kernels, network, Form, FusedForward.BatchOf(network.Shape))
        : LayeredForward.Plan(kernels, network, LayeredForward.BatchOf(network.Shape), examples, plan);

    // The forms by warps rely on warps of 32 lanes: see WarpLanes.
    static bool HasWarps(Device device) => device is CudaDevice { WarpSize: 32 };

    static Strategy OnWarps(FusedCost cost, int batch) => Fused with { Form = FusedForms.OfWarps(batch), Groups = cost.Groups };

    static Strategy FormFor(NetworkShape shape, int batch, Device device)
    {
        if (!FusedLayers.Have(shape) || !IsReachable(shape, batch, device))
        {
            return Layered;
        }
        if (HasWarps(device))
        {
            var cost = FusedCost.Of(shape, batch, device);
            return cost.IsFused ? OnWarps(cost, batch) : Layered;
        }
        bool isFused = device.AcceleratorType == AcceleratorType.CPU
            || (LaunchShape.IsProcessor(device) && OpenCLCost.Of(shape, batch, device).IsFused);
        return isFused ? Fused : Layered;
    }

    // On the CPU accelerator as many as find enough work between two meetings, a core for each: one for the lectures' networks.
    static int ThreadsFor(NetworkShape shape, int batch, Device device) => device.AcceleratorType != AcceleratorType.CPU
        ? 1
        : (int)Math.Clamp(
            FusedCost.MultiplyAdds(shape, batch) / shape.Linears.Count() / MultiplyAddsOfThread, 1, LaunchShape.For(device).Cores);

    static bool IsReachable(NetworkShape shape, int batch, Device device)
    {
        FusedForm form = HasWarps(device) ? FusedForms.OfWarps(batch) : FusedForm.Threads;
        FusedLayout layout = FusedNetwork.Layout(shape, batch, form, MaxThreads, device);
        return layout.IsReachable && (!form.HasWarps() || layout.Layers.Count <= FusedMlp.MaxLayers);
    }
}
