using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Whether an operand of <see cref="SimtGemm"/> is K-major or MN-major in global memory: whether its rows run along K, or along M or N.
/// It decides which values the n-th float4 of a tile holds, and where they go in shared memory.
/// </summary>
/// <remarks>
/// <para>A line is a row of A or a column of B.</para>
/// <code>
///            K-major                          MN-major
/// A of       A·B, A·Bᵀ     [M, K]             Aᵀ·B          [K, M]
/// B of       A·Bᵀ          [N, K]             A·B, Aᵀ·B     [K, N]
/// float4     one line, 4 k-steps              4 lines, one k-step
/// stored as  4 floats, a k-step each          one float4
/// </code>
/// <para>
/// Indices into global memory are in the units of <see cref="IGlobalLoad"/>. A float4 index counts the float4s of a tile, in the order of
/// global memory.
/// </para>
/// </remarks>
interface IOperandMajor
{
    /// <summary>Where a float4 of the first tile stands in global memory.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="float4">The float4 index in the tile.</param>
    /// <param name="tile">The tile.</param>
    static abstract int GlobalIndex(Operand operand, int float4, SharedTile tile);

    /// <summary>From a tile to the next along K, in global memory.</summary>
    /// <param name="lines">How many lines the operand has: M of A, N of B.</param>
    /// <param name="tile">The tile.</param>
    static abstract int TileStride(int lines, SharedTile tile);

    static abstract Float4 Load(ArrayView<float> matrix, int index);

    /// <summary>Loads a float4 of the first tile, which may begin with zeros.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="index">Where it stands in global memory.</param>
    /// <param name="float4">The float4 index in the tile.</param>
    /// <param name="tile">The tile.</param>
    static abstract Float4 LoadFirst(Operand operand, int index, int float4, SharedTile tile);

    /// <summary>Where the first value of a float4 goes in shared memory, in floats.</summary>
    static abstract int SharedIndex(int float4, SharedTile tile);

    /// <summary>Stores a float4 to shared memory, its first value at an index.</summary>
    static abstract void Store(ArrayView<float> shared, int index, SharedTile tile, Float4 values);
}

/// <summary>Lines run along K. Stores transpose: a float4 becomes one value in each of 4 k-steps.</summary>
readonly struct KMajor<TLoad> : IOperandMajor
    where TLoad : struct, IGlobalLoad
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int float4, SharedTile tile) =>
        (((operand.FirstLine + Line(float4, tile)) * operand.K) + operand.FirstK + KStep(float4, tile)) / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileStride(int lines, SharedTile tile) => tile.K / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int index) => TLoad.Load(matrix, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadFirst(Operand operand, int index, int float4, SharedTile tile) =>
        TLoad.LoadAfterZeros(operand.Matrix, index, operand.Zeros - KStep(float4, tile));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int float4, SharedTile tile) => tile.KStepOffset(KStep(float4, tile)) + Line(float4, tile);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> shared, int index, SharedTile tile, Float4 values)
    {
        shared[index] = values.X;
        shared[index + tile.KStepOffset(1)] = values.Y;
        shared[index + tile.KStepOffset(2)] = values.Z;
        shared[index + tile.KStepOffset(3)] = values.W;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Line(int float4, SharedTile tile) => SharedTile.Quotient(float4, tile.K / 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int KStep(int float4, SharedTile tile) => SharedTile.Remainder(float4, tile.K / 4) * 4;
}

/// <summary>Rows run along M or N, as they do in shared memory: a float4 is stored as it is.</summary>
readonly struct MnMajor<TLoad> : IOperandMajor
    where TLoad : struct, IGlobalLoad
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int float4, SharedTile tile) =>
        (((operand.FirstK + KStep(float4, tile)) * operand.Lines) + operand.FirstLine + Line(float4, tile)) / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileStride(int lines, SharedTile tile) => tile.K * lines / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int index) => TLoad.Load(matrix, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadFirst(Operand operand, int index, int float4, SharedTile tile) =>
        TLoad.LoadAfterZeros(operand.Matrix, index, KStep(float4, tile) < operand.Zeros ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int float4, SharedTile tile) => tile.KStepOffset(KStep(float4, tile)) + Line(float4, tile);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> shared, int index, SharedTile tile, Float4 values) =>
        shared.Cast<Float4>()[index / 4] = values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Line(int float4, SharedTile tile) => SharedTile.Remainder(float4, tile.Lines / 4) * 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int KStep(int float4, SharedTile tile) => SharedTile.Quotient(float4, tile.Lines / 4);
}
