using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// How kernels are launched on one device: the threads of a group (CUDA's thread block), the maximum number of groups (CUDA's grid), and
/// the work of one thread. Kernels use grid-stride loops (<see cref="GridStride"/>), so every shape gives the same result.
/// </summary>
/// <param name="GroupSize">Threads per group, at least 1.</param>
/// <param name="MaxGroups">Maximum groups per launch, at least 1.</param>
/// <param name="ThreadTileRows">Rows of the tile of C that one thread computes in a GEMM without block tiles.</param>
/// <param name="ThreadTileColumns">Columns of that thread tile.</param>
sealed record LaunchShape(int GroupSize, int MaxGroups, int ThreadTileRows, int ThreadTileColumns)
{
    /// <summary>Workers that share an operation of the layered form on a processor, one for each core; GPUs have none.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>
    /// Whether operations run as kernels for GPUs: neighboring threads take neighboring values, and the threads of a group share the
    /// columns of a matrix. Else they run by the workers of a processor.
    /// </summary>
    public bool IsGpu { get; init; } = true;

    /// <summary>
    /// Whether a GEMM computes block tiles: a group computes a tile of C together, with A and B in shared memory. These kernels always have
    /// groups of <see cref="PreferredGroupSize"/> threads, whatever <see cref="GroupSize"/> is.
    /// </summary>
    public bool HasBlockTiles { get; init; }

    /// <summary>Threads per group on a GPU: enough warps to hide latency, few enough for the registers of every kernel.</summary>
    public const int PreferredGroupSize = 256;

    /// <summary>
    /// Maximum waves of groups per launch. With this many the tail leaves little of the GPU idle, also in kernels whose registers limit
    /// occupancy.
    /// </summary>
    const int MaxWaves = 4;

    /// <summary>The largest group of any kernel. It bounds the shared memory of sums over a group.</summary>
    public const int MaxGroupSize = 1024;

    /// <summary>
    /// The shape for a device, from its own limits. A processor gets a worker for each core; kernels for every device have groups of one
    /// thread there, since a core runs the threads of a group one after another. A GPU gets full groups in several waves, with small thread
    /// tiles so that even a small product keeps many threads busy.
    /// </summary>
    /// <param name="device">The device.</param>
    public static LaunchShape For(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (IsProcessor(device))
        {
            return new LaunchShape(GroupSize: 1, Math.Max(1, device.NumMultiprocessors), ThreadTileRows: 16, ThreadTileColumns: 64)
            {
                IsGpu = false,
                Cores = device.AcceleratorType == AcceleratorType.CPU
                    ? Math.Min(Environment.ProcessorCount, device.MaxNumThreadsPerGroup)
                    : Math.Max(1, device.NumMultiprocessors),
            };
        }
        int groupSize = Math.Min(PreferredGroupSize, device.MaxNumThreadsPerGroup);
        int groupsPerMultiprocessor = Math.Max(1, device.MaxNumThreadsPerMultiprocessor / groupSize);
        int groupsPerWave = Math.Max(1, device.NumMultiprocessors) * groupsPerMultiprocessor;
        return new LaunchShape(groupSize, groupsPerWave * MaxWaves, ThreadTileRows: 4, ThreadTileColumns: 8)
        {
            HasBlockTiles = groupSize == PreferredGroupSize,
        };
    }

    /// <summary>Whether the device runs on the processor: the CPU accelerator, or an OpenCL device of that kind.</summary>
    /// <param name="device">The device.</param>
    public static bool IsProcessor(Device device) =>
        device is { AcceleratorType: AcceleratorType.CPU } or CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_CPU };

    /// <summary>One thread per item, up to <see cref="MaxGroups"/> groups; beyond that each thread takes several items.</summary>
    /// <param name="items">The number of independent items that the kernel computes.</param>
    public KernelConfig Over(int items) =>
        new((int)Math.Clamp(((long)items + GroupSize - 1) / GroupSize, 1, MaxGroups), GroupSize);

    /// <summary>A single group, for kernels whose threads reduce to one result together.</summary>
    public KernelConfig OneGroup => new(1, GroupSize);
}
