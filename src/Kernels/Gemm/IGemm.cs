using ILGPU;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Which operand of a product lies in memory as its transpose.</summary>
enum GemmForm
{
    /// <summary>A·B.</summary>
    Plain,

    /// <summary>Aᵀ·B.</summary>
    LeftTransposed,

    /// <summary>A·Bᵀ.</summary>
    RightTransposed,
}

/// <summary>A way to compute matrix products that suits a kind of device.</summary>
interface IGemm
{
    /// <summary>Launches C = A·B.</summary>
    /// <param name="form">How A and B lie in memory.</param>
    /// <param name="a">A [rows, depth], or its transpose.</param>
    /// <param name="b">B [depth, columns], or its transpose.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="c">C [rows, columns].</param>
    void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c);
}
