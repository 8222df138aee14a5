using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The loads of one thread of <see cref="SimtGemm"/> for a tile of A or B: one or several float4s, staged in registers between global and
/// shared memory. The group computes with one tile while the loads of the next are on their way.
/// </summary>
interface IStagedLoads<TSelf>
    where TSelf : unmanaged, IStagedLoads<TSelf>
{
    /// <summary>Starts the loads of the first tile.</summary>
    /// <typeparam name="TMajor">How the operand lies in memory.</typeparam>
    /// <param name="operand">The operand.</param>
    /// <param name="float4">The float4 index in the tile of the thread's first load.</param>
    /// <param name="tile">The tile.</param>
    static abstract TSelf LoadFirst<TMajor>(Operand operand, int float4, SharedTile tile)
        where TMajor : struct, IOperandMajor;

    /// <summary>Starts the same loads of the next tile.</summary>
    /// <typeparam name="TMajor">How the operand lies in memory.</typeparam>
    /// <param name="matrix">The operand.</param>
    /// <param name="tileStride">From a tile to the next.</param>
    TSelf LoadNext<TMajor>(ArrayView<float> matrix, int tileStride)
        where TMajor : struct, IOperandMajor;

    /// <summary>Stores what was loaded to shared memory; this waits for the loads.</summary>
    /// <typeparam name="TMajor">How the operand lies in memory.</typeparam>
    /// <param name="shared">Shared memory, from the target of the thread's first load on.</param>
    /// <param name="float4">From the thread's first load to this one, in float4s of the tile.</param>
    /// <param name="tile">The tile.</param>
    void Store<TMajor>(ArrayView<float> shared, int float4, SharedTile tile)
        where TMajor : struct, IOperandMajor;

    /// <summary>How many float4s.</summary>
    static abstract int Count { get; }
}

/// <summary>One float4.</summary>
struct StagedLoad : IStagedLoads<StagedLoad>
{
    int index;
    Float4 values;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StagedLoad LoadFirst<TMajor>(Operand operand, int float4, SharedTile tile)
        where TMajor : struct, IOperandMajor
    {
        int index = TMajor.GlobalIndex(operand, float4, tile);
        return new() { index = index, values = TMajor.LoadFirst(operand, index, float4, tile) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly StagedLoad LoadNext<TMajor>(ArrayView<float> matrix, int tileStride)
        where TMajor : struct, IOperandMajor =>
        new() { index = index + tileStride, values = TMajor.Load(matrix, index + tileStride) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMajor>(ArrayView<float> shared, int float4, SharedTile tile)
        where TMajor : struct, IOperandMajor => TMajor.Store(shared, TMajor.SharedIndex(float4, tile), tile, values);
}

/// <summary>
/// Twice as many float4s. The float4s of the other threads lie between the halves, so that each load of a warp is coalesced.
/// </summary>
struct TwiceLoads<THalf> : IStagedLoads<TwiceLoads<THalf>>
    where THalf : unmanaged, IStagedLoads<THalf>
{
    THalf first;
    THalf second;

    public static int Count => 2 * THalf.Count;

    static int Distance => THalf.Count * SimtGemm.GroupSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLoads<THalf> LoadFirst<TMajor>(Operand operand, int float4, SharedTile tile)
        where TMajor : struct, IOperandMajor => new()
        {
            first = THalf.LoadFirst<TMajor>(operand, float4, tile),
            second = THalf.LoadFirst<TMajor>(operand, float4 + Distance, tile),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwiceLoads<THalf> LoadNext<TMajor>(ArrayView<float> matrix, int tileStride)
        where TMajor : struct, IOperandMajor =>
        new() { first = first.LoadNext<TMajor>(matrix, tileStride), second = second.LoadNext<TMajor>(matrix, tileStride) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMajor>(ArrayView<float> shared, int float4, SharedTile tile)
        where TMajor : struct, IOperandMajor
    {
        first.Store<TMajor>(shared, float4, tile);
        second.Store<TMajor>(shared, float4 + Distance, tile);
    }
}
