namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>How the operands of a product lie in memory.</summary>
/// <param name="Form">Which is a transpose.</param>
/// <param name="IsLeftAligned">Whether A's rows begin at multiples of 16 bytes.</param>
/// <param name="IsRightAligned">Whether B's do.</param>
readonly record struct GemmLayout(GemmForm Form, bool IsLeftAligned, bool IsRightAligned);
