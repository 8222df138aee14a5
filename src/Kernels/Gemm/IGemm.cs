using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// A matrix product for one kind of device: <see cref="CpuGemm"/>, <see cref="GpuGemm"/> or <see cref="SmallGroupGemm"/>.
/// </summary>
interface IGemm
{
    /// <summary>Launches C = A·B.</summary>
    /// <param name="form">Which operand is a transpose in memory.</param>
    /// <param name="a">A [M, K], or its transpose.</param>
    /// <param name="b">B [K, N], or its transpose.</param>
    /// <param name="size">M, K and N.</param>
    /// <param name="c">C [M, N].</param>
    void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c);

    /// <summary>Tells what <see cref="Multiply"/> takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="form">Which operand is a transpose in memory.</param>
    /// <param name="size">M, K and N.</param>
    void Plan(LaunchPlan plan, GemmForm form, GemmSize size);
}

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

/// <summary>The sizes of C [M, N] = A [M, K]·B [K, N].</summary>
readonly record struct GemmSize(int M, int K, int N);

/// <summary>How the operands of a product lie in memory. The kernels of a GPU are compiled for each layout.</summary>
/// <param name="Form">Which operand is a transpose.</param>
/// <param name="IsLeftAligned">Whether A's rows begin at multiples of 16 bytes, and vectorized loads can read them.</param>
/// <param name="IsRightAligned">Whether B's do.</param>
readonly record struct GemmLayout(GemmForm Form, bool IsLeftAligned, bool IsRightAligned);
