using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The outputs of a warp on tensor cores, 64 rows and columns: the larger a block, the fewer values it takes from shared memory for each
/// multiplication.
/// </summary>
struct WarpTile
{
    /// <summary>Rows of the block.</summary>
    public const int Rows = FragmentBlock.Rows;

    /// <summary>Columns of the block.</summary>
    public const int Columns = 2 * FragmentBlock.Columns;

    FragmentBlock left;
    FragmentBlock right;

    /// <summary>The block + A·B over the eight steps of one multiplication.</summary>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="fragments">The thread's values of A and B.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly WarpTile MultiplyAdd<TTensorCore>(WarpFragments fragments)
        where TTensorCore : struct, ITensorCore => new()
        {
            left = TTensorCore.MultiplyAdd(left, fragments.Rows, fragments.Left),
            right = TTensorCore.MultiplyAdd(right, fragments.Rows, fragments.Right),
        };

    /// <summary>Stores the block.</summary>
    /// <param name="c">The product.</param>
    /// <param name="row">The block's first row.</param>
    /// <param name="column">The block's first column.</param>
    /// <param name="lane">Which thread of the warp.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column, int lane)
    {
        left.Store(c, row, column, lane);
        right.Store(c, row, column + FragmentBlock.Columns, lane);
    }
}

/// <summary>What one thread holds of A and B for one multiplication of its warp's block.</summary>
struct WarpFragments
{
    /// <summary>Fours of shared memory between B's fragments for the left half of the block and those for the right one.</summary>
    const int HalfFloat4s = SharedFragments.Block * SharedFragments.LineFloat4s;

    /// <summary>A's.</summary>
    public LeftFragments Rows;

    /// <summary>B's for the left half.</summary>
    public RightFragments Left;

    /// <summary>B's for the right half.</summary>
    public RightFragments Right;

    /// <summary>Loads the fragments.</summary>
    /// <param name="left">A's tile, from the thread's first four of the multiplication on.</param>
    /// <param name="right">B's tile, the same.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpFragments Load(ArrayView<Float4> left, ArrayView<Float4> right) =>
        new() { Rows = LeftFragments.Load(left), Left = RightFragments.Load(right), Right = RightFragments.Load(right.SubView(HalfFloat4s)) };
}

/// <summary>
/// Half of the outputs of a warp on tensor cores: 64 rows and 32 columns, four times four fragments.
/// </summary>
/// <remarks>Rows and columns are in the order of <see cref="SharedFragments"/>.</remarks>
struct FragmentBlock
{
    /// <summary>Rows of the block.</summary>
    public const int Rows = 2 * SharedFragments.Block;

    /// <summary>Columns of the block.</summary>
    public const int Columns = SharedFragments.Block;

    FragmentRow first;
    FragmentRow second;
    FragmentRow third;
    FragmentRow fourth;

    /// <summary>The block + the products of all fragments of A with all of B.</summary>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="a">The thread's values of A.</param>
    /// <param name="b">The thread's values of B.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FragmentBlock MultiplyAdd<TTensorCore>(LeftFragments a, RightFragments b)
        where TTensorCore : struct, ITensorCore => new()
        {
            first = first.MultiplyAdd<TTensorCore>(a.First, b),
            second = second.MultiplyAdd<TTensorCore>(a.Second, b),
            third = third.MultiplyAdd<TTensorCore>(a.Third, b),
            fourth = fourth.MultiplyAdd<TTensorCore>(a.Fourth, b),
        };

    /// <summary>Stores the block.</summary>
    /// <param name="c">The product.</param>
    /// <param name="row">The block's first row.</param>
    /// <param name="column">The block's first column.</param>
    /// <param name="lane">Which thread of the warp.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column, int lane)
    {
        row += SharedFragments.Line(lane >> 2);
        column += (lane & 3) * Float4.Count;
        first.Store(c, row, column);
        second.Store(c, row + 2, column);
        third.Store(c, row + (Rows / 2), column);
        fourth.Store(c, row + (Rows / 2) + 2, column);
    }

    struct FragmentRow
    {
        Float4 first;
        Float4 second;
        Float4 third;
        Float4 fourth;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly FragmentRow MultiplyAdd<TTensorCore>(Float4 a, RightFragments b)
            where TTensorCore : struct, ITensorCore => new()
            {
                first = TTensorCore.MultiplyAdd(a, b.First, first),
                second = TTensorCore.MultiplyAdd(a, b.Second, second),
                third = TTensorCore.MultiplyAdd(a, b.Third, third),
                fourth = TTensorCore.MultiplyAdd(a, b.Fourth, fourth),
            };

        // A thread has two columns of each fragment: the four fragments' first ones lie side by side, and so do their second ones.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(OutputMatrix c, int row, int column)
        {
            c.Store(row, column, new Float4(first.X, second.X, third.X, fourth.X));
            c.Store(row, column + (Columns / 2), new Float4(first.Y, second.Y, third.Y, fourth.Y));
            c.Store(row + 1, column, new Float4(first.Z, second.Z, third.Z, fourth.Z));
            c.Store(row + 1, column + (Columns / 2), new Float4(first.W, second.W, third.W, fourth.W));
        }
    }
}
