using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>What memory is for.</summary>
enum MemoryUse
{
    /// <summary>The network itself.</summary>
    Network,

    /// <summary>Its steps.</summary>
    Steps,

    /// <summary>The dev loss, and the losses at the end.</summary>
    Evaluation,

    /// <summary>A watch.</summary>
    Watch,
}

/// <summary>
/// The memory that training takes on its accelerator and the launches of its steps, told before anything is allocated. Each class tells
/// what it would allocate itself.
/// </summary>
/// <param name="Buffers">Every buffer that is there at once while a network is trained, with its use.</param>
/// <param name="AtEnd">Every buffer that is there while the losses of the splits are taken at the end.</param>
/// <param name="ModelBytes">The values of a model, as its file holds them, in bytes.</param>
/// <param name="Step">How steps are launched.</param>
/// <param name="IsOnHost">Whether the accelerator's memory is the program's own.</param>
sealed record MemoryPlan(
    IReadOnlyList<(MemoryUse Use, PlannedBuffer Buffer)> Buffers, IReadOnlyList<(MemoryUse Use, PlannedBuffer Buffer)> AtEnd,
    long ModelBytes, StepPlan Step, bool IsOnHost)
{
    // One that is written, and one that waits for it.
    const int Checkpoints = 2;

    /// <summary>The memory of training on the accelerator in bytes.</summary>
    public long TrainingBytes => Buffers.Sum(planned => planned.Buffer.Bytes);

    /// <summary>The memory of the losses at the end in bytes. It is another one, since steps have then given back theirs.</summary>
    public long EndBytes => AtEnd.Sum(planned => planned.Buffer.Bytes);

    /// <summary>The largest buffer when most memory is taken.</summary>
    public (MemoryUse Use, PlannedBuffer Buffer) Largest =>
        (EndBytes > TrainingBytes ? AtEnd : Buffers).MaxBy(planned => planned.Buffer.Bytes);

    /// <summary>Copies of the network for checkpoints, in the program's own memory, in bytes.</summary>
    public long CopiesBytes => Checkpoints * ModelBytes;

    /// <summary>What the device must have, in bytes: a processor the copies, too.</summary>
    public long NeededBytes => Math.Max(TrainingBytes, EndBytes) + (IsOnHost ? CopiesBytes : 0);

    /// <summary>Plans a training.</summary>
    /// <param name="kernels">The kernels, which have launched nothing yet.</param>
    /// <param name="network">The network, which may hold no values yet: nothing of it is allocated.</param>
    /// <param name="strategy">How a step is run.</param>
    /// <param name="data">What it is trained on.</param>
    /// <param name="dev">How the dev loss is measured; null where it is not.</param>
    /// <param name="isWatched">Whether there is a watch.</param>
    public static MemoryPlan Of(KernelSet kernels, Mlp network, Strategy strategy, Dataset data, DevPlan? dev, bool isWatched)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(strategy);
        ArgumentNullException.ThrowIfNull(data);
        var launches = new LaunchPlan();
        // The order is that in which they run, since workspaces grow.
        PlannedBuffer[] watch = isWatched ? [.. Inspector.Plan(kernels, network, data.Train, launches)] : [];
        StepPlan step = StepLaunches.Plan(kernels, network, strategy, launches);
        PlannedBuffer[] measurements =
            dev is null ? [] : [.. DevMeter.Plan(kernels, network, strategy, data.Dev, dev.Examples, launches)];
        PlannedBuffer[] values =
            [.. network.Plan(), .. isWatched || strategy.Name == Strategy.Layered.Name ? network.PlanGradients() : []];
        (MemoryUse, PlannedBuffer)[] buffers =
        [
            .. Uses(MemoryUse.Network, values),
            .. Uses(
                MemoryUse.Steps,
                [DeviceSplit.Plan("examples", data.Train), .. step.Buffers, StepReplay.Plan(network), Workspaces(launches)]),
            .. Uses(MemoryUse.Evaluation, measurements),
            .. Uses(MemoryUse.Watch, watch),
        ];
        PlannedBuffer[] losses = [.. DevMeter.Plan(kernels, network, strategy, data.Train, data.Train.Count, launches)];
        return new MemoryPlan(
            buffers,
            [.. Uses(MemoryUse.Network, values), .. Uses(MemoryUse.Evaluation, [.. losses, Workspaces(launches)])],
            sizeof(float) * network.Tensors.Sum(tensor => (long)tensor.Length), step,
            LaunchShape.IsProcessor(kernels.Accelerator.Device));
    }

    static PlannedBuffer Workspaces(LaunchPlan launches) => new("scratch of operations", launches.WorkspaceBytes);

    static IEnumerable<(MemoryUse Use, PlannedBuffer Buffer)> Uses(MemoryUse use, IEnumerable<PlannedBuffer> buffers) =>
        buffers.Select(buffer => (use, buffer));
}
