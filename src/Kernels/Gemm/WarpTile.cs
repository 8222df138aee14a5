using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The warp tile of <see cref="TensorCoreGemm"/>: 64 x 64 outputs, 128 in the registers of each lane. The larger it is, the fewer values
/// the warp loads from shared memory for each multiplication.
/// </summary>
struct WarpTile
{
    public const int Rows = HalfWarpTile.Rows;

    public const int Columns = 2 * HalfWarpTile.Columns;

    HalfWarpTile left;
    HalfWarpTile right;

    /// <summary>The tile + A·B over the 8 k-steps of one multiplication.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly WarpTile MultiplyAdd<TTensorCore>(WarpFragments fragments)
        where TTensorCore : struct, ITensorCore => new()
        {
            left = TTensorCore.MultiplyAdd(left, fragments.A, fragments.LeftB),
            right = TTensorCore.MultiplyAdd(right, fragments.A, fragments.RightB),
        };

    /// <summary>Stores the tile.</summary>
    /// <param name="c">C.</param>
    /// <param name="row">The tile's first row in C.</param>
    /// <param name="column">The tile's first column in C.</param>
    /// <param name="lane">The lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column, int lane)
    {
        left.Store(c, row, column, lane);
        right.Store(c, row, column + HalfWarpTile.Columns, lane);
    }
}

/// <summary>Half of a warp tile: 64 rows and 32 columns, 4 x 4 fragments of 16 x 8.</summary>
/// <remarks>Rows and columns are in the order of <see cref="SharedFragments"/>.</remarks>
struct HalfWarpTile
{
    public const int Rows = 2 * SharedFragments.LinesOfTwoPairs;

    public const int Columns = SharedFragments.LinesOfTwoPairs;

    FragmentRow first;
    FragmentRow second;
    FragmentRow third;
    FragmentRow fourth;

    /// <summary>The tile + the products of 4 fragments of A and 4 of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly HalfWarpTile MultiplyAdd<TTensorCore>(LeftFragments a, RightFragments b)
        where TTensorCore : struct, ITensorCore => new()
        {
            first = first.MultiplyAdd<TTensorCore>(a.First, b),
            second = second.MultiplyAdd<TTensorCore>(a.Second, b),
            third = third.MultiplyAdd<TTensorCore>(a.Third, b),
            fourth = fourth.MultiplyAdd<TTensorCore>(a.Fourth, b),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column, int lane)
    {
        row += SharedFragments.FirstLine(lane >> 2);
        column += (lane & 3) * Float4.Count;
        first.Store(c, row, column);
        second.Store(c, row + 2, column);
        third.Store(c, row + (Rows / 2), column);
        fourth.Store(c, row + (Rows / 2) + 2, column);
    }

    /// <summary>A lane's outputs of 4 fragments side by side: two rows and two columns of each.</summary>
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

        // In the order of SharedFragments, the first columns of the 4 fragments are neighbors in C, and so are the second ones.
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
