using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The layout of a tile of A or B in shared memory, for <see cref="TensorCoreGemm"/>: 128 lines, which are rows of A or columns of B, over
/// 16 k-steps. It is an array of float4s [8 pairs of fragments, 2 multiplications, 8 g, 4 t], where lane 4·g + t of a warp takes one float4
/// of a pair for each multiplication: two lines over two k-steps.
/// </summary>
/// <remarks>
/// <para>
/// Lines of a tile may map to lines of fragments in any permutation that A, B and C share, and k-steps of a tile to those of
/// multiplications in any that A and B share. Here lane 4·g + t takes k-steps 4·t to 4·t + 3, two for each multiplication: one float4 of a
/// K-major operand. Of every 32 lines it takes the 4 from <see cref="FirstLine"/>(g) on, two for each of two pairs of fragments: one
/// float4 of an MN-major operand. Of A the two lines of a pair are rows of one fragment of 16 rows; of B they are columns of two fragments
/// of 8 columns.
/// </para>
/// <para>
/// Swizzle: among the 4 float4s of a g, that of t stands at t ^ (g / 2) instead of t. Which t stands where:
/// </para>
/// <code>
/// g =         0  1  2  3  4  5  6  7
/// first       0  0  1  1  2  2  3  3
/// second      1  1  0  0  3  3  2  2
/// third       2  2  3  3  0  0  1  1
/// fourth      3  3  2  2  1  1  0  0
/// </code>
/// <para>
/// Eight float4s take all 32 banks, and eight lanes are served at a time. Lanes that load, or store a K-major operand, are two g with all
/// 4 t: they reach eight neighboring float4s. Lanes that store an MN-major operand are all eight g with one t: without the swizzle, 4
/// of them would use the same banks.
/// </para>
/// </remarks>
static class SharedFragments
{
    /// <summary>Rows of A, or columns of B.</summary>
    public const int Lines = 128;

    /// <summary>K-steps: two multiplications of 8.</summary>
    public const int K = 16;

    /// <summary>From a lane's float4 of the first multiplication to that of the second, in float4s: one for each lane.</summary>
    public const int MultiplicationStride = 32;

    /// <summary>From a pair of fragments to the next, in float4s.</summary>
    public const int PairStride = 2 * MultiplicationStride;

    /// <summary>Lines of two pairs of fragments, which share the lines of <see cref="FirstLine"/>.</summary>
    public const int LinesOfTwoPairs = 32;

    /// <summary>Float4s of a line.</summary>
    public const int Float4sPerLine = K / Float4.Count;

    /// <summary>Float4s of the tile.</summary>
    public const int Size = Lines * Float4sPerLine;

    /// <summary>Where the float4 of lane 4·g + t stands among those of a warp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Index(int g, int t) => (g * 4) + (t ^ (g >> 1));

    /// <summary>
    /// The first of the 4 lines of every 32 that the lanes of a g take. Lane 4·g + t gets of C the columns of g = 2·t and 2·t + 1: those
    /// are 16 apart, so that neighboring lanes store neighboring float4s of C.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstLine(int g) => ((g >> 1) + ((g & 1) * 4)) * Float4.Count;

    /// <summary>The g whose lanes take a float4 along the lines: the inverse of <see cref="FirstLine"/>.</summary>
    /// <param name="float4">The float4 index along the lines.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Owner(int float4) => ((float4 & 3) * 2) + ((float4 >> 2) & 1);
}
