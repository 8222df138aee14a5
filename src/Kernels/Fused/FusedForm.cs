namespace Makemore.Gpu.Kernels.Fused;

/// <summary>Who works in a fused step.</summary>
public enum FusedForm
{
    /// <summary>The threads of one group, each with the lanes that a thread has. For processors.</summary>
    Threads,

    /// <summary>Warps, whose threads are the lanes: of one group, or of groups all over a GPU.</summary>
    Warps,
}
