using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>
/// How an operand of tensor cores lies in global memory: which neighbouring values of two neighbouring rows a thread brings of a tile, and which
/// two fours of the <see cref="FragmentTile"/> they are.
/// </summary>
interface IFragmentLayout
{
    /// <summary>Where the values of the first row stand in the matrix, in units of the reading.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="piece">Which piece of the tile.</param>
    /// <param name="tile">The tile.</param>
    static abstract int Place(Operand operand, int piece, FragmentTile tile);

    /// <summary>From a row to the next, in units of the reading.</summary>
    /// <param name="size">The rows of A, or columns of B, in all.</param>
    /// <param name="depth">How long they are in all.</param>
    static abstract int Row(int size, int depth);

    /// <summary>From a tile to the next along the depth, in units of the reading.</summary>
    /// <param name="row">From a row to the next.</param>
    static abstract int Step(int row);

    /// <summary>Reads four values.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="place">Where they stand.</param>
    static abstract Float4 Read(ArrayView<float> matrix, int place);

    /// <summary>Reads four values of the first tile, whose depth may begin with zeros.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="place">Where they stand.</param>
    /// <param name="piece">Which piece of the tile.</param>
    /// <param name="row">Which row of the piece.</param>
    /// <param name="tile">The tile.</param>
    static abstract Float4 ReadFirst(Operand operand, int place, int piece, int row, FragmentTile tile);

    /// <summary>Where the first four goes in shared memory, in fours.</summary>
    /// <param name="piece">Which piece of the tile.</param>
    /// <param name="tile">The tile.</param>
    static abstract int SharedPlace(int piece, FragmentTile tile);

    /// <summary>From the first four to the second in shared memory, in fours.</summary>
    static abstract int Distance { get; }

    /// <summary>Whether the rows of a piece are two lines, else they are two steps.</summary>
    static abstract bool RowsAreLines { get; }
}

/// <summary>Rows run along the depth: A of A·B and of A·Bᵀ, B of A·Bᵀ. A piece is two lines over four steps, and so two pairs of steps.</summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct FragmentsAlongDepth<TReading> : IFragmentLayout
    where TReading : struct, IReading
{
    public static int Distance => FragmentTile.Step;

    public static bool RowsAreLines => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(Operand operand, int piece, FragmentTile tile)
    {
        int pair = piece >> 5;
        int line = ((pair >> 1) * FragmentTile.Block) + FragmentTile.Line((piece >> 2) & 7) + ((pair & 1) * 2);
        return (((operand.First + line) * operand.Depth) + operand.From + Depth(piece)) / TReading.Unit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Row(int size, int depth) => depth / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int row) => FragmentTile.Depth / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Read(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int piece, int row, FragmentTile tile) =>
        TReading.ReadAfterZeros(operand.Matrix, place, operand.Zeros - Depth(piece));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedPlace(int piece, FragmentTile tile) => ((piece >> 5) * FragmentTile.Pair) + FragmentTile.Place((piece >> 2) & 7, piece & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int piece) => (piece & 3) * 4;
}

/// <summary>Rows run across the depth: A of Aᵀ·B, B of A·B and of Aᵀ·B. A piece is four lines over two steps, and so two pairs of lines.</summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct FragmentsAcrossDepth<TReading> : IFragmentLayout
    where TReading : struct, IReading
{
    public static int Distance => FragmentTile.Pair;

    public static bool RowsAreLines => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(Operand operand, int piece, FragmentTile tile) =>
        (((operand.From + Depth(piece, tile)) * operand.Count) + operand.First + (Four(piece, tile) * Float4.Count)) / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Row(int size, int depth) => size / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int row) => FragmentTile.Depth * row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Read(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int piece, int row, FragmentTile tile) =>
        TReading.ReadAfterZeros(operand.Matrix, place, Depth(piece, tile) + row < operand.Zeros ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedPlace(int piece, FragmentTile tile)
    {
        int four = Four(piece, tile);
        int rows = Rows(piece, tile);
        return ((four >> 3) * 2 * FragmentTile.Pair) + ((rows >> 2) * FragmentTile.Step) + FragmentTile.Place(FragmentTile.Owner(four), rows & 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Four(int piece, FragmentTile tile) => TileSide.Remainder(piece, tile.Length / Float4.Count);

    // First the first two steps of all threads, then the other two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Rows(int piece, FragmentTile tile) => TileSide.Quotient(piece, tile.Length / Float4.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int piece, FragmentTile tile)
    {
        int rows = Rows(piece, tile);
        return ((rows & 3) * 4) + ((rows >> 2) * 2);
    }
}
