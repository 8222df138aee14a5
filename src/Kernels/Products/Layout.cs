using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>How an operand lies in global memory: which four neighbouring values are the n-th of a tile, and where they go in shared memory.</summary>
interface ILayout
{
    /// <summary>Where four values stand in the matrix, in units of the reading.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="four">Which four of the tile.</param>
    /// <param name="side">The tile.</param>
    static abstract int Place(Operand operand, int four, TileSide side);

    /// <summary>From a tile to the next along the depth, in units of the reading.</summary>
    /// <param name="count">How many rows of A, or columns of B, there are in all.</param>
    /// <param name="side">The tile.</param>
    static abstract int Step(int count, TileSide side);

    /// <summary>Reads four values.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="place">Where they stand.</param>
    static abstract Float4 Read(ArrayView<float> matrix, int place);

    /// <summary>Reads four values of the first tile, whose depth may begin with zeros.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="place">Where they stand.</param>
    /// <param name="four">Which four of the tile.</param>
    /// <param name="side">The tile.</param>
    static abstract Float4 ReadFirst(Operand operand, int place, int four, TileSide side);

    /// <summary>Where four values go in shared memory.</summary>
    /// <param name="four">Which four of the tile.</param>
    /// <param name="side">The tile.</param>
    static abstract int SharedPlace(int four, TileSide side);

    /// <summary>Puts four values into shared memory.</summary>
    /// <param name="shared">The memory.</param>
    /// <param name="place">Where the first goes.</param>
    /// <param name="side">The tile.</param>
    /// <param name="values">The values.</param>
    static abstract void Store(ArrayView<float> shared, int place, TileSide side, Float4 values);
}

/// <summary>Rows run along the depth: A of A·B and of A·Bᵀ, B of A·Bᵀ. Four values of a row become four steps in shared memory.</summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct AlongDepth<TReading> : ILayout
    where TReading : struct, IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(Operand operand, int four, TileSide side) =>
        (((operand.First + Output(four, side)) * operand.Depth) + operand.From + Depth(four, side)) / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int count, TileSide side) => side.Depth / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Read(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int four, TileSide side) =>
        TReading.ReadAfterZeros(operand.Matrix, place, operand.Zeros - Depth(four, side));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedPlace(int four, TileSide side) => side.Place(Depth(four, side)) + Output(four, side);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> shared, int place, TileSide side, Float4 values)
    {
        shared[place] = values.X;
        shared[place + side.Place(1)] = values.Y;
        shared[place + side.Place(2)] = values.Z;
        shared[place + side.Place(3)] = values.W;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Output(int four, TileSide side) => TileSide.Quotient(four, side.Depth / 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int four, TileSide side) => TileSide.Remainder(four, side.Depth / 4) * 4;
}

/// <summary>Rows run across the depth: A of Aᵀ·B, B of A·B and of Aᵀ·B. They stay as they are in shared memory.</summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct AcrossDepth<TReading> : ILayout
    where TReading : struct, IReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(Operand operand, int four, TileSide side) =>
        (((operand.From + Depth(four, side)) * operand.Count) + operand.First + Output(four, side)) / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int count, TileSide side) => side.Depth * count / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Read(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int four, TileSide side) =>
        TReading.ReadAfterZeros(operand.Matrix, place, Depth(four, side) < operand.Zeros ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedPlace(int four, TileSide side) => side.Place(Depth(four, side)) + Output(four, side);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> shared, int place, TileSide side, Float4 values) =>
        shared.Cast<Float4>()[place / 4] = values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Output(int four, TileSide side) => TileSide.Remainder(four, side.Length / 4) * 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int four, TileSide side) => TileSide.Quotient(four, side.Length / 4);
}
