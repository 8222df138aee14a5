using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>How an operand lies in global memory: which four neighboring values are the n-th of a tile, and where they go in shared memory.</summary>
interface IOperandMajor
{
    /// <summary>Where four values stand in the matrix, in units of the reading.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="four">Which four of the tile.</param>
    /// <param name="side">The tile.</param>
    static abstract int GlobalIndex(Operand operand, int four, SharedTile side);

    /// <summary>From a tile to the next along the depth, in units of the reading.</summary>
    /// <param name="count">How many rows of A, or columns of B, there are in all.</param>
    /// <param name="side">The tile.</param>
    static abstract int Step(int count, SharedTile side);

    /// <summary>Reads four values.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="place">Where they stand.</param>
    static abstract Float4 Read(ArrayView<float> matrix, int place);

    /// <summary>Reads four values of the first tile, whose depth may begin with zeros.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="place">Where they stand.</param>
    /// <param name="four">Which four of the tile.</param>
    /// <param name="side">The tile.</param>
    static abstract Float4 ReadFirst(Operand operand, int place, int four, SharedTile side);

    /// <summary>Where four values go in shared memory.</summary>
    /// <param name="four">Which four of the tile.</param>
    /// <param name="side">The tile.</param>
    static abstract int SharedIndex(int four, SharedTile side);

    /// <summary>Puts four values into shared memory.</summary>
    /// <param name="shared">The memory.</param>
    /// <param name="place">Where the first goes.</param>
    /// <param name="side">The tile.</param>
    /// <param name="values">The values.</param>
    static abstract void Store(ArrayView<float> shared, int place, SharedTile side, Float4 values);
}

/// <summary>Rows run along the depth: A of A·B and of A·Bᵀ, B of A·Bᵀ. Four values of a row become four steps in shared memory.</summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct KMajor<TReading> : IOperandMajor
    where TReading : struct, IGlobalLoad
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int four, SharedTile side) =>
        (((operand.First + Output(four, side)) * operand.K) + operand.FirstK + Depth(four, side)) / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int count, SharedTile side) => side.K / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Load(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int four, SharedTile side) =>
        TReading.LoadAfterZeros(operand.Matrix, place, operand.Zeros - Depth(four, side));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int four, SharedTile side) => side.StepOffset(Depth(four, side)) + Output(four, side);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> shared, int place, SharedTile side, Float4 values)
    {
        shared[place] = values.X;
        shared[place + side.StepOffset(1)] = values.Y;
        shared[place + side.StepOffset(2)] = values.Z;
        shared[place + side.StepOffset(3)] = values.W;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Output(int four, SharedTile side) => SharedTile.Quotient(four, side.K / 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int four, SharedTile side) => SharedTile.Remainder(four, side.K / 4) * 4;
}

/// <summary>Rows run across the depth: A of Aᵀ·B, B of A·B and of Aᵀ·B. They stay as they are in shared memory.</summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct MnMajor<TReading> : IOperandMajor
    where TReading : struct, IGlobalLoad
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int four, SharedTile side) =>
        (((operand.FirstK + Depth(four, side)) * operand.Count) + operand.First + Output(four, side)) / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int count, SharedTile side) => side.K * count / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Load(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int four, SharedTile side) =>
        TReading.LoadAfterZeros(operand.Matrix, place, Depth(four, side) < operand.Zeros ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int four, SharedTile side) => side.StepOffset(Depth(four, side)) + Output(four, side);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> shared, int place, SharedTile side, Float4 values) =>
        shared.Cast<Float4>()[place / 4] = values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Output(int four, SharedTile side) => SharedTile.Remainder(four, side.Length / 4) * 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int four, SharedTile side) => SharedTile.Quotient(four, side.Length / 4);
}
