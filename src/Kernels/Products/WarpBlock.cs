using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>
/// The outputs of a warp on tensor cores, 64 rows and columns: the larger a block, the fewer values it takes from shared memory for each
/// multiplication.
/// </summary>
struct WarpBlock
{
    /// <summary>Rows of the block.</summary>
    public const int Rows = FragmentBlock.Rows;

    /// <summary>Columns of the block.</summary>
    public const int Columns = 2 * FragmentBlock.Columns;

    /// <summary>Steps along the depth of one multiplication.</summary>
    public const int Depth = 8;

    FragmentBlock first;
    FragmentBlock second;

    /// <summary>The block + A·B over eight steps.</summary>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="left">A's tile, from the thread's first value on.</param>
    /// <param name="leftStride">From a step to the next.</param>
    /// <param name="right">B's tile, from the thread's first value on.</param>
    /// <param name="rightStride">From a step to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly WarpBlock MultiplyAdd<TTensorCore>(ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride)
        where TTensorCore : struct, ITensorCore
    {
        LeftFragments a = LeftFragments.Load(left, leftStride);
        return new()
        {
            first = TTensorCore.MultiplyAdd(first, a, RightFragments.Load(right, rightStride)),
            second = TTensorCore.MultiplyAdd(second, a, RightFragments.Load(right.SubView(FragmentBlock.Columns), rightStride)),
        };
    }

    /// <summary>Stores the block.</summary>
    /// <param name="c">The product.</param>
    /// <param name="row">The thread's first row.</param>
    /// <param name="column">The thread's first column.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row, column + FragmentBlock.Columns);
    }
}

/// <summary>A part of the outputs of a warp: four times four fragments.</summary>
struct FragmentBlock
{
    /// <summary>Rows of the block.</summary>
    public const int Rows = 4 * LeftFragments.Rows;

    /// <summary>Columns of the block.</summary>
    public const int Columns = 4 * RightFragments.Columns;

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
    /// <param name="row">The thread's first row.</param>
    /// <param name="column">The thread's first column.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row + LeftFragments.Rows, column);
        third.Store(c, row + (2 * LeftFragments.Rows), column);
        fourth.Store(c, row + (3 * LeftFragments.Rows), column);
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

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(ProductMatrix c, int row, int column)
        {
            Store(c, row, column, first);
            Store(c, row, column + RightFragments.Columns, second);
            Store(c, row, column + (2 * RightFragments.Columns), third);
            Store(c, row, column + (3 * RightFragments.Columns), fourth);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Store(ProductMatrix c, int row, int column, Float4 values)
        {
            c.Store(row, column, values.X);
            c.Store(row, column + 1, values.Y);
            c.Store(row + 8, column, values.Z);
            c.Store(row + 8, column + 1, values.W);
        }
    }
}
