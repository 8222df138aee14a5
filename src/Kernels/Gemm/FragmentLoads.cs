using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Which operand of tensor cores it is: it says in which order they take a thread's two lines over two steps.</summary>
interface IFragmentOperand
{
    /// <summary>Whether both lines of a step are neighbors, else both steps of a line.</summary>
    static abstract bool LinesAreNeighbors { get; }
}

/// <summary>A: both lines are rows of a fragment.</summary>
readonly struct LeftOperand : IFragmentOperand
{
    public static bool LinesAreNeighbors => true;
}

/// <summary>B: each line is a column of a fragment of its own.</summary>
readonly struct RightOperand : IFragmentOperand
{
    public static bool LinesAreNeighbors => false;
}

/// <summary>What one thread brings of a tile for tensor cores. It waits in registers while the group computes with the tile before.</summary>
struct FragmentLoads
{
    // Of each piece, only where the first stands is kept: the others' places follow from it.
    int place;
    Piece first;
    Piece second;

    /// <summary>Reads from the first tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="operand">The operand.</param>
    /// <param name="row">From a row to the next.</param>
    /// <param name="thread">Which thread of the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FragmentLoads ReadFirst<TLayout>(Operand operand, int row, int thread)
        where TLayout : struct, IFragmentMajor
    {
        int place = TLayout.GlobalIndex(operand, thread);
        int other = place + TLayout.ToSecond(row);
        return new()
        {
            place = place,
            first = new() { Row = TLayout.ReadFirst(operand, place, thread, 0), Next = TLayout.ReadFirst(operand, place + row, thread, 1) },
            second = new() { Row = TLayout.ReadFirst(operand, other, thread, 2), Next = TLayout.ReadFirst(operand, other + row, thread, 3) },
        };
    }

    /// <summary>The same pieces of the next tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="matrix">The operand.</param>
    /// <param name="row">From a row to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FragmentLoads ReadNext<TLayout>(ArrayView<float> matrix, int row)
        where TLayout : struct, IFragmentMajor
    {
        int next = place + TLayout.Step(row);
        int other = next + TLayout.ToSecond(row);
        return new()
        {
            place = next,
            first = new() { Row = TLayout.Read(matrix, next), Next = TLayout.Read(matrix, next + row) },
            second = new() { Row = TLayout.Read(matrix, other), Next = TLayout.Read(matrix, other + row) },
        };
    }

    /// <summary>Puts the pieces into shared memory, in the precision of tensor cores.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <typeparam name="TOperand">Which operand it is.</typeparam>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="shared">The memory, from where the thread's first four goes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout, TOperand, TTensorCore>(ArrayView<Float4> shared)
        where TLayout : struct, IFragmentMajor
        where TOperand : struct, IFragmentOperand
        where TTensorCore : struct, ITensorCore
    {
        first.Store<TLayout, TOperand, TTensorCore>(shared);
        second.Store<TLayout, TOperand, TTensorCore>(shared.SubView(TLayout.SharedToSecond));
    }

    /// <summary>Four values of a row and four of the next.</summary>
    struct Piece
    {
        public Float4 Row;
        public Float4 Next;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store<TLayout, TOperand, TTensorCore>(ArrayView<Float4> target)
            where TLayout : struct, IFragmentMajor
            where TOperand : struct, IFragmentOperand
            where TTensorCore : struct, ITensorCore
        {
            Float4 a = Rounded<TTensorCore>(Row);
            Float4 b = Rounded<TTensorCore>(Next);
            if (TLayout.RowsAreLines == TOperand.LinesAreNeighbors)
            {
                target[0] = new(a.X, b.X, a.Y, b.Y);
                target[TLayout.Distance] = new(a.Z, b.Z, a.W, b.W);
            }
            else
            {
                target[0] = new(a.X, a.Y, b.X, b.Y);
                target[TLayout.Distance] = new(a.Z, a.W, b.Z, b.W);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Float4 Rounded<TTensorCore>(Float4 values)
            where TTensorCore : struct, ITensorCore =>
            new(TTensorCore.Round(values.X), TTensorCore.Round(values.Y), TTensorCore.Round(values.Z), TTensorCore.Round(values.W));
    }
}

/// <summary>What one thread holds of four fragments of A, one above the other.</summary>
struct LeftFragments
{
    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the fragments of 64 rows.</summary>
    /// <param name="tile">The tile, from the thread's first four of a multiplication on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragments Load(ArrayView<Float4> tile)
    {
        return new()
        {
            First = tile[0],
            Second = tile[SharedFragments.Pair],
            Third = tile[2 * SharedFragments.Pair],
            Fourth = tile[3 * SharedFragments.Pair],
        };
    }
}

/// <summary>What one thread holds of four fragments of B, side by side: the first two values of each. The others are for what it is told of another thread's.</summary>
struct RightFragments
{
    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the fragments of 32 columns.</summary>
    /// <param name="tile">The tile, from the thread's first four of a multiplication on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragments Load(ArrayView<Float4> tile)
    {
        Float4 left = tile[0];
        Float4 right = tile[SharedFragments.Pair];
        return new()
        {
            First = new(left.X, left.Y, 0f, 0f),
            Second = new(left.Z, left.W, 0f, 0f),
            Third = new(right.X, right.Y, 0f, 0f),
            Fourth = new(right.Z, right.W, 0f, 0f),
        };
    }

    /// <summary>These fragments and another thread's.</summary>
    /// <param name="other">The other thread's.</param>
    public readonly RightFragments With(RightFragments other) => new()
    {
        First = Pair(First, other.First),
        Second = Pair(Second, other.Second),
        Third = Pair(Third, other.Third),
        Fourth = Pair(Fourth, other.Fourth),
    };

    static Float4 Pair(Float4 own, Float4 other) => new() { X = own.X, Y = own.Y, Z = other.X, W = other.Y };
}
