using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// How an operand of tensor cores lies in global memory: which values a thread brings of a tile, and which fours of the <see cref="SharedFragments"/>
/// they are. They are two pieces, each with four neighboring values of two neighboring rows, which are two fours.
/// </summary>
interface IFragmentMajor
{
    /// <summary>Where the values of the first row stand in the matrix, in units of the reading.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="thread">Which thread of the group.</param>
    static abstract int GlobalIndex(Operand operand, int thread);

    /// <summary>From a row to the next, in units of the reading.</summary>
    /// <param name="size">The rows of A, or columns of B, in all.</param>
    /// <param name="depth">How long they are in all.</param>
    static abstract int Row(int size, int depth);

    /// <summary>From the first piece to the second, in units of the reading.</summary>
    /// <param name="row">From a row to the next.</param>
    static abstract int ToSecond(int row);

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
    /// <param name="thread">Which thread of the group.</param>
    /// <param name="row">Which of the thread's four rows.</param>
    static abstract Float4 ReadFirst(Operand operand, int place, int thread, int row);

    /// <summary>Where the first piece's first four goes in shared memory, in fours.</summary>
    /// <param name="thread">Which thread of the group.</param>
    static abstract int SharedIndex(int thread);

    /// <summary>From a piece's first four to its second in shared memory, in fours.</summary>
    static abstract int Distance { get; }

    /// <summary>From the first piece to the second in shared memory, in fours.</summary>
    static abstract int SharedToSecond { get; }

    /// <summary>Whether the rows of a piece are two lines, else they are two steps.</summary>
    static abstract bool RowsAreLines { get; }
}

/// <summary>
/// Rows run along the depth: A of A·B and of A·Bᵀ, B of A·Bᵀ. A piece is two lines over four steps, and so two pairs of steps; the second piece
/// is in the other half of the lines.
/// </summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct KMajorFragments<TReading> : IFragmentMajor
    where TReading : struct, IGlobalLoad
{
    const int HalfOfLines = SharedFragments.Length / 2;

    public static int Distance => SharedFragments.Step;

    public static int SharedToSecond => HalfOfLines * SharedFragments.LineFloat4s;

    public static bool RowsAreLines => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int thread)
    {
        int pair = thread >> 5;
        int line = ((pair >> 1) * SharedFragments.Block) + SharedFragments.Line((thread >> 2) & 7) + ((pair & 1) * 2);
        return (((operand.First + line) * operand.K) + operand.FirstK + Depth(thread)) / TReading.Unit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Row(int size, int depth) => depth / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ToSecond(int row) => HalfOfLines * row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int row) => SharedFragments.K / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Load(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int thread, int row) =>
        TReading.LoadAfterZeros(operand.Matrix, place, operand.Zeros - Depth(thread));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int thread) => ((thread >> 5) * SharedFragments.Pair) + SharedFragments.Index((thread >> 2) & 7, thread & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int thread) => (thread & 3) * 4;
}

/// <summary>
/// Rows run across the depth: A of Aᵀ·B, B of A·B and of Aᵀ·B. A piece is four lines over two steps, and so two pairs of lines; the second piece
/// is the two steps after those.
/// </summary>
/// <typeparam name="TReading">How it is read.</typeparam>
readonly struct MnMajorFragments<TReading> : IFragmentMajor
    where TReading : struct, IGlobalLoad
{
    const int FoursOfLines = SharedFragments.Length / Float4.Count;

    public static int Distance => SharedFragments.Pair;

    public static int SharedToSecond => SharedFragments.Step;

    public static bool RowsAreLines => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int thread) =>
        (((operand.FirstK + Depth(thread)) * operand.Count) + operand.First + (Four(thread) * Float4.Count)) / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Row(int size, int depth) => size / TReading.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ToSecond(int row) => 2 * row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int row) => SharedFragments.K * row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Read(ArrayView<float> matrix, int place) => TReading.Load(matrix, place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 ReadFirst(Operand operand, int place, int thread, int row) =>
        TReading.LoadAfterZeros(operand.Matrix, place, Depth(thread) + row < operand.Zeros ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int thread)
    {
        int four = Four(thread);
        return ((four >> 3) * 2 * SharedFragments.Pair) + SharedFragments.Index(SharedFragments.Owner(four), Steps(thread));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Four(int thread) => SharedTile.Remainder(thread, FoursOfLines);

    // Which four steps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Steps(int thread) => SharedTile.Quotient(thread, FoursOfLines);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Depth(int thread) => Steps(thread) * 4;
}
