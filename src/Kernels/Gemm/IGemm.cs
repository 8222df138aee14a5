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

/// <summary>The sizes of a matrix product.</summary>
/// <param name="M">Rows of A and C.</param>
/// <param name="K">Columns of A, rows of B: the length of the inner products.</param>
/// <param name="N">Columns of B and C.</param>
readonly record struct GemmSize(int M, int K, int N);

/// <summary>How the operands of a product lie in memory.</summary>
/// <param name="Form">Which is a transpose.</param>
/// <param name="IsLeftAligned">Whether A's rows begin at multiples of 16 bytes.</param>
/// <param name="IsRightAligned">Whether B's do.</param>
readonly record struct GemmLayout(GemmForm Form, bool IsLeftAligned, bool IsRightAligned);
