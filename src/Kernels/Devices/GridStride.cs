using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// The bounds of a grid-stride loop over a one-dimensional launch:
/// <c>for (int i = GridStride.First, stride = GridStride.Stride; i &lt; count; i += stride)</c>.
/// </summary>
/// <remarks>
/// The loop is right for every number of groups and threads, and its accesses are coalesced: neighboring threads take neighboring items.
/// Kernels hoist the stride out of the loop because it costs 0.1 µs on the CPU accelerator.
/// </remarks>
static class GridStride
{
    /// <summary>The first item of this thread.</summary>
    public static int First => (Grid.IdxX * Group.DimX) + Group.IdxX;

    /// <summary>The distance from one item of this thread to its next: the number of threads of the launch.</summary>
    public static int Stride => Grid.DimX * Group.DimX;
}
