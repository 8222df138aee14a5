using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>What one thread brings of a tile. It waits in registers while the group computes with the tile before.</summary>
/// <typeparam name="TSelf">The pieces.</typeparam>
interface IStagedLoads<TSelf>
    where TSelf : unmanaged, IStagedLoads<TSelf>
{
    /// <summary>How many times four values.</summary>
    static abstract int Count { get; }

    /// <summary>Reads from the first tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="operand">The operand.</param>
    /// <param name="four">Which four of the tile the first piece is.</param>
    /// <param name="side">The tile.</param>
    static abstract TSelf ReadFirst<TLayout>(Operand operand, int four, SharedTile side)
        where TLayout : struct, IOperandMajor;

    /// <summary>The same pieces of the next tile.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="matrix">The operand.</param>
    /// <param name="step">How far the tile is.</param>
    TSelf ReadNext<TLayout>(ArrayView<float> matrix, int step)
        where TLayout : struct, IOperandMajor;

    /// <summary>Puts the pieces into shared memory.</summary>
    /// <typeparam name="TLayout">How the operand lies in memory.</typeparam>
    /// <param name="shared">The memory, from where the thread's first piece goes.</param>
    /// <param name="four">How many times four values lie between that and this.</param>
    /// <param name="side">The tile.</param>
    void Store<TLayout>(ArrayView<float> shared, int four, SharedTile side)
        where TLayout : struct, IOperandMajor;
}

/// <summary>Four values.</summary>
struct StagedLoad : IStagedLoads<StagedLoad>
{
    int place;
    Float4 values;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StagedLoad ReadFirst<TLayout>(Operand operand, int four, SharedTile side)
        where TLayout : struct, IOperandMajor
    {
        int place = TLayout.GlobalIndex(operand, four, side);
        return new() { place = place, values = TLayout.ReadFirst(operand, place, four, side) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly StagedLoad ReadNext<TLayout>(ArrayView<float> matrix, int step)
        where TLayout : struct, IOperandMajor => new() { place = place + step, values = TLayout.Read(matrix, place + step) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout>(ArrayView<float> shared, int four, SharedTile side)
        where TLayout : struct, IOperandMajor => TLayout.Store(shared, TLayout.SharedIndex(four, side), side, values);
}

/// <summary>Twice as many, the group's threads one after another between them.</summary>
/// <typeparam name="THalf">Half of them.</typeparam>
struct TwiceLoads<THalf> : IStagedLoads<TwiceLoads<THalf>>
    where THalf : unmanaged, IStagedLoads<THalf>
{
    THalf first;
    THalf second;

    public static int Count => 2 * THalf.Count;

    static int Distance => THalf.Count * SimtGemm.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLoads<THalf> ReadFirst<TLayout>(Operand operand, int four, SharedTile side)
        where TLayout : struct, IOperandMajor => new()
        {
            first = THalf.ReadFirst<TLayout>(operand, four, side),
            second = THalf.ReadFirst<TLayout>(operand, four + Distance, side),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwiceLoads<THalf> ReadNext<TLayout>(ArrayView<float> matrix, int step)
        where TLayout : struct, IOperandMajor =>
        new() { first = first.ReadNext<TLayout>(matrix, step), second = second.ReadNext<TLayout>(matrix, step) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TLayout>(ArrayView<float> shared, int four, SharedTile side)
        where TLayout : struct, IOperandMajor
    {
        first.Store<TLayout>(shared, four, side);
        second.Store<TLayout>(shared, four + Distance, side);
    }
}
