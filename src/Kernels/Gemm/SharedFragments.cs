using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// A tile of an operand in shared memory for tensor cores: 128 lines, which are rows of A or columns of B, over 16 steps along the depth, by the
/// fours that one thread needs at once: two lines over two steps.
/// </summary>
/// <remarks>
/// <para>
/// Which line of an operand is which of a fragment, and which step along the depth which of a multiplication, is free, as long as both operands
/// and the product agree on it. Thread 4·g + t of a warp takes the steps 4·t to 4·t + 3 of a tile, two in each of two multiplications. Of each
/// 64 lines it takes, in each of four pairs of fragments, the two from <see cref="Line"/> on: of A both belong to one fragment of 16 rows, of B
/// to two fragments of 8 columns.
/// </para>
/// <para>
/// The fours of a warp's threads stand side by side, and a thread's own pairs and multiplications at distances that are constants of a kernel.
/// The fours of each g are exchanged in a way of its own: the eight threads whose fours are loaded or stored at once find them in different banks,
/// whether they are neighbors along the depth or across it.
/// </para>
/// </remarks>
static class SharedFragments
{
    /// <summary>How many rows of A, or columns of B.</summary>
    public const int Length = 128;

    /// <summary>The depth: two multiplications.</summary>
    public const int K = 16;

    /// <summary>Fours between those of a thread's two multiplications: what a warp has of a pair of fragments.</summary>
    public const int Step = 32;

    /// <summary>Fours between those of two pairs of fragments.</summary>
    public const int Pair = 2 * Step;

    /// <summary>Lines whose fragments are multiplied together: those of two pairs.</summary>
    public const int Block = 32;

    /// <summary>Fours of a line.</summary>
    public const int LineFloat4s = K / Float4.Count;

    /// <summary>Fours of the tile.</summary>
    public const int Size = Length * LineFloat4s;

    /// <summary>Where the four of a thread stands in those of a warp.</summary>
    /// <param name="g">The thread's g.</param>
    /// <param name="t">Its t.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Index(int g, int t) => (g * 4) + (t ^ (g >> 1));

    /// <summary>
    /// The first of the four lines of 32 that the threads of one g have. Those of an output's row have two g as columns: these are 16 apart, so
    /// that neighboring threads store neighboring fours.
    /// </summary>
    /// <param name="g">The threads' g.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Line(int g) => ((g >> 1) + ((g & 1) * 4)) * Float4.Count;

    /// <summary>The g of the threads that have four lines: the inverse of <see cref="Line"/>.</summary>
    /// <param name="four">Which four of the tile's lines.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Owner(int four) => ((four & 3) * 2) + ((four >> 2) & 1);
}
