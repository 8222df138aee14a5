namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Two neighbouring values: one load of 8 bytes.</summary>
struct Float2
{
    public float X;
    public float Y;
}
