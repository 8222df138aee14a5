using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>What one thread brings of a tile. It waits in registers while the group computes with the tile before.</summary>
/// <typeparam name="TSelf">The pieces.</typeparam>
interface IPieces<TSelf>
    where TSelf : unmanaged, IPieces<TSelf>
{
    /// <summary>How many times four values.</summary>
    static abstract int Count { get; }

    /// <summary>Reads from the first tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="operand">The operand.</param>
    /// <param name="four">Which four of the tile the first piece is.</param>
    /// <param name="side">The tile.</param>
    static abstract TSelf ReadFirst<TLayout>(Operand operand, int four, TileSide side)
        where TLayout : struct, ILayout;

    /// <summary>The same pieces of the next tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="matrix">The operand.</param>
    /// <param name="step">How far the tile is.</param>
    TSelf ReadNext<TLayout>(ArrayView<float> matrix, int step)
        where TLayout : struct, ILayout;

    /// <summary>Puts the pieces into shared memory.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="shared">The memory, from where the thread's first piece goes.</param>
    /// <param name="four">How many times four values lie between that and this.</param>
    /// <param name="side">The tile.</param>
    void Store<TLayout>(ArrayView<float> shared, int four, TileSide side)
        where TLayout : struct, ILayout;
}

/// <summary>Four values.</summary>
struct OnePiece : IPieces<OnePiece>
{
    int place;
    Float4 values;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OnePiece ReadFirst<TLayout>(Operand operand, int four, TileSide side)
        where TLayout : struct, ILayout
    {
        int place = TLayout.Place(operand, four, side);
        return new() { place = place, values = TLayout.ReadFirst(operand, place, four, side) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OnePiece ReadNext<TLayout>(ArrayView<float> matrix, int step)
        where TLayout : struct, ILayout => new() { place = place + step, values = TLayout.Read(matrix, place + step) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout>(ArrayView<float> shared, int four, TileSide side)
        where TLayout : struct, ILayout => TLayout.Store(shared, TLayout.SharedPlace(four, side), side, values);
}

/// <summary>Twice as many, the group's threads one after another between them.</summary>
/// <typeparam name="THalf">Half of them.</typeparam>
struct Both<THalf> : IPieces<Both<THalf>>
    where THalf : unmanaged, IPieces<THalf>
{
    THalf first;
    THalf second;

    public static int Count => 2 * THalf.Count;

    static int Distance => THalf.Count * GroupProduct.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Both<THalf> ReadFirst<TLayout>(Operand operand, int four, TileSide side)
        where TLayout : struct, ILayout => new()
        {
            first = THalf.ReadFirst<TLayout>(operand, four, side),
            second = THalf.ReadFirst<TLayout>(operand, four + Distance, side),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Both<THalf> ReadNext<TLayout>(ArrayView<float> matrix, int step)
        where TLayout : struct, ILayout =>
        new() { first = first.ReadNext<TLayout>(matrix, step), second = second.ReadNext<TLayout>(matrix, step) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout>(ArrayView<float> shared, int four, TileSide side)
        where TLayout : struct, ILayout
    {
        first.Store<TLayout>(shared, four, side);
        second.Store<TLayout>(shared, four + Distance, side);
    }
}
