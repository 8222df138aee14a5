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
