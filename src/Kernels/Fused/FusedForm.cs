namespace Makemore.Gpu.Kernels.Fused;

/// <summary>The forms of the fused kernel: who its workers are.</summary>
enum FusedForm
{
    /// <summary>Threads of one group, each a worker with the vectors that a thread has. For processors.</summary>
    Threads,

    /// <summary>Warps, each a worker whose threads are the lanes: of one group, or of groups all over a GPU. For any batch.</summary>
    Warps,

    /// <summary>Groups of four warps that compute together, all over a GPU. For a batch that fits the lanes of one warp.</summary>
    WarpGroups,
}

/// <summary>What follows from a form.</summary>
static class FusedForms
{
    /// <summary>The form of a GPU with warps of 32 threads for a batch.</summary>
    /// <param name="batch">N.</param>
    public static FusedForm OfWarps(int batch) => batch <= Simd.WarpLanes.Lanes ? FusedForm.WarpGroups : FusedForm.Warps;

    /// <summary>Whether the workers are warps, alone or in groups.</summary>
    /// <param name="form">The form.</param>
    public static bool HasWarps(this FusedForm form) => form != FusedForm.Threads;
}
