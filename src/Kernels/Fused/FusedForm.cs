namespace Makemore.Gpu.Kernels.Fused;

/// <summary>Who works in a fused step.</summary>
public enum FusedForm
{
    /// <summary>One group, whose threads each compute with the lanes that a thread has. Many steps are one launch. For processors.</summary>
    Threads,

    /// <summary>One group of warps, whose threads are the lanes. Many steps are one launch. For small steps on a GPU.</summary>
    Warps,

    /// <summary>Groups of warps all over the GPU, and a launch wherever one must wait for another. For steps that are too much for one group.</summary>
    Groups,
}
