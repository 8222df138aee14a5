using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>What one thread brings of a tile for tensor cores. It waits in registers while the group computes with the tile before.</summary>
/// <typeparam name="TSelf">The pieces.</typeparam>
interface IFragmentPieces<TSelf>
    where TSelf : unmanaged, IFragmentPieces<TSelf>
{
    /// <summary>How many times two times four values.</summary>
    static abstract int Count { get; }

    /// <summary>Reads from the first tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="operand">The operand.</param>
    /// <param name="row">From a row to the next.</param>
    /// <param name="piece">Which piece of the tile the first is.</param>
    /// <param name="tile">The tile.</param>
    static abstract TSelf ReadFirst<TLayout>(Operand operand, int row, int piece, FragmentTile tile)
        where TLayout : struct, IFragmentLayout;

    /// <summary>The same pieces of the next tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="matrix">The operand.</param>
    /// <param name="row">From a row to the next.</param>
    TSelf ReadNext<TLayout>(ArrayView<float> matrix, int row)
        where TLayout : struct, IFragmentLayout;

    /// <summary>Puts the pieces into shared memory, in the precision of tensor cores.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <typeparam name="TOperand">Which operand it is.</typeparam>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="shared">The memory, from where the thread's first piece goes.</param>
    /// <param name="piece">How many pieces lie between that and this.</param>
    /// <param name="tile">The tile.</param>
    void Store<TLayout, TOperand, TTensorCore>(ArrayView<Float4> shared, int piece, FragmentTile tile)
        where TLayout : struct, IFragmentLayout
        where TOperand : struct, IFragmentOperand
        where TTensorCore : struct, ITensorCore;
}

/// <summary>Which operand of tensor cores it is: it says in which order they take a thread's two lines over two steps.</summary>
interface IFragmentOperand
{
    /// <summary>Whether both lines of a step are neighbours, else both steps of a line.</summary>
    static abstract bool LinesAreNeighbours { get; }
}

/// <summary>A: both lines are rows of a fragment.</summary>
readonly struct LeftOperand : IFragmentOperand
{
    public static bool LinesAreNeighbours => true;
}

/// <summary>B: each line is a column of a fragment of its own.</summary>
readonly struct RightOperand : IFragmentOperand
{
    public static bool LinesAreNeighbours => false;
}

/// <summary>Four values of a row and four of the next.</summary>
struct FragmentPiece : IFragmentPieces<FragmentPiece>
{
    int place;
    Float4 first;
    Float4 second;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FragmentPiece ReadFirst<TLayout>(Operand operand, int row, int piece, FragmentTile tile)
        where TLayout : struct, IFragmentLayout
    {
        int place = TLayout.Place(operand, piece, tile);
        return new()
        {
            place = place,
            first = TLayout.ReadFirst(operand, place, piece, 0, tile),
            second = TLayout.ReadFirst(operand, place + row, piece, 1, tile),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FragmentPiece ReadNext<TLayout>(ArrayView<float> matrix, int row)
        where TLayout : struct, IFragmentLayout
    {
        int next = place + TLayout.Step(row);
        return new() { place = next, first = TLayout.Read(matrix, next), second = TLayout.Read(matrix, next + row) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout, TOperand, TTensorCore>(ArrayView<Float4> shared, int piece, FragmentTile tile)
        where TLayout : struct, IFragmentLayout
        where TOperand : struct, IFragmentOperand
        where TTensorCore : struct, ITensorCore
    {
        Float4 a = Rounded<TTensorCore>(first);
        Float4 b = Rounded<TTensorCore>(second);
        ArrayView<Float4> target = shared.SubView(TLayout.SharedPlace(piece, tile));
        if (TLayout.RowsAreLines == TOperand.LinesAreNeighbours)
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

/// <summary>Twice as many, the group's threads one after another between them.</summary>
/// <typeparam name="THalf">Half of them.</typeparam>
struct TwiceFragmentPieces<THalf> : IFragmentPieces<TwiceFragmentPieces<THalf>>
    where THalf : unmanaged, IFragmentPieces<THalf>
{
    THalf first;
    THalf second;

    public static int Count => 2 * THalf.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceFragmentPieces<THalf> ReadFirst<TLayout>(Operand operand, int row, int piece, FragmentTile tile)
        where TLayout : struct, IFragmentLayout => new()
        {
            first = THalf.ReadFirst<TLayout>(operand, row, piece, tile),
            second = THalf.ReadFirst<TLayout>(operand, row, piece + Distance(tile), tile),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwiceFragmentPieces<THalf> ReadNext<TLayout>(ArrayView<float> matrix, int row)
        where TLayout : struct, IFragmentLayout =>
        new() { first = first.ReadNext<TLayout>(matrix, row), second = second.ReadNext<TLayout>(matrix, row) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout, TOperand, TTensorCore>(ArrayView<Float4> shared, int piece, FragmentTile tile)
        where TLayout : struct, IFragmentLayout
        where TOperand : struct, IFragmentOperand
        where TTensorCore : struct, ITensorCore
    {
        first.Store<TLayout, TOperand, TTensorCore>(shared, piece, tile);
        second.Store<TLayout, TOperand, TTensorCore>(shared, piece + Distance(tile), tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Distance(FragmentTile tile) => THalf.Count * tile.Threads;
}
