using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// How kernels are launched on one device: the threads of a group, and the most groups that are worth launching. A kernel walks over
/// its work by the size of the whole launch (<see cref="GridStride"/>), so that every shape gives the same result.
/// </summary>
/// <param name="GroupSize">Threads a group, at least 1.</param>
/// <param name="MaxGroups">The most groups of a launch, at least 1.</param>
/// <param name="TileRows">Rows of a matrix product that one thread computes at a time.</param>
/// <param name="TileColumns">Columns of a matrix product that one thread computes at a time.</param>
public sealed record LaunchShape(int GroupSize, int MaxGroups, int TileRows, int TileColumns)
{
    /// <summary>
    /// Neighboring values that one thread takes at a time, where each is computed by itself. A GPU reads fastest where neighboring threads
    /// take neighboring values; a processor's core wants many for its vectors.
    /// </summary>
    public int ValuesPerThread { get; init; } = 1;

    /// <summary>
    /// Whether neighboring threads take neighboring values, as a GPU wants them to. The threads of a group then also share the columns of a
    /// matrix; on a processor a thread takes a whole column.
    /// </summary>
    public bool IsGpu => ValuesPerThread == 1;

    /// <summary>
    /// Whether the threads of a group compute a tile of a matrix product together, with the operands in shared memory. It takes groups of
    /// <see cref="PreferredGroupSize"/> threads whatever the group size of other kernels is.
    /// </summary>
    public bool HasBlockTiles { get; init; }

    /// <summary>Threads of a group on a GPU: enough warps to hide latency, small enough for every kernel's registers.</summary>
    public const int PreferredGroupSize = 256;

    /// <summary>
    /// Groups of a launch for each one that fits on a GPU at once: so many that the last ones leave little of it idle, and that kernels whose
    /// registers keep some groups out do not end in a round that is nearly empty.
    /// </summary>
    const int Waves = 4;

    /// <summary>The largest group that any kernel is launched with: it bounds the shared memory of sums over a group.</summary>
    public const int MaxGroupSize = 1024;

    /// <summary>
    /// The shape for a device, from its own limits. A processor's core runs the threads of a group one after another, and a barrier
    /// among them costs far more than it gives: one group of one thread for each core, with large tiles. A GPU gets full groups, several
    /// times as many as fit on it at once, and small tiles, so that even a small product keeps many threads busy.
    /// </summary>
    /// <param name="device">The device.</param>
    public static LaunchShape For(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (IsProcessor(device))
        {
            return new LaunchShape(GroupSize: 1, MaxGroups: Math.Max(1, device.NumMultiprocessors), TileRows: 16, TileColumns: 64) { ValuesPerThread = 1024 };
        }
        int groupSize = Math.Min(PreferredGroupSize, device.MaxNumThreadsPerGroup);
        int groupsPerMultiprocessor = Math.Max(1, device.MaxNumThreadsPerMultiprocessor / groupSize);
        return new LaunchShape(groupSize, Math.Max(1, device.NumMultiprocessors) * groupsPerMultiprocessor * Waves, TileRows: 4, TileColumns: 8)
        {
            HasBlockTiles = groupSize == PreferredGroupSize,
        };
    }

    /// <summary>Tells whether the device runs on the processor: the CPU accelerator, or an OpenCL device of that kind.</summary>
    /// <param name="device">The device.</param>
    public static bool IsProcessor(Device device) =>
        device is { AcceleratorType: AcceleratorType.CPU } or CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_CPU };

    /// <summary>One thread for each item, up to <see cref="MaxGroups"/> groups; beyond that a thread takes several items.</summary>
    /// <param name="items">How many independent items the kernel computes.</param>
    public KernelConfig Over(int items) =>
        new((int)Math.Clamp(((long)items + GroupSize - 1) / GroupSize, 1, MaxGroups), GroupSize);

    /// <summary>One thread for each <see cref="ValuesPerThread"/> values.</summary>
    /// <param name="values">How many values the kernel computes.</param>
    public KernelConfig OverValues(int values) => Over((int)(((long)values + ValuesPerThread - 1) / ValuesPerThread));

    /// <summary>A single group, for kernels whose threads work on one result together.</summary>
    public KernelConfig OneGroup => new(1, GroupSize);
}
