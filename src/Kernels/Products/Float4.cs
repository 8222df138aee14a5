namespace Makemore.Gpu.Kernels.Products;

/// <summary>Four neighbouring values: one load of 16 bytes, the widest that a thread of a GPU has.</summary>
struct Float4
{
    public float X;
    public float Y;
    public float Z;
    public float W;
}

/// <summary>Two neighbouring values: one load of 8 bytes.</summary>
struct Float2
{
    public float X;
    public float Y;
}
