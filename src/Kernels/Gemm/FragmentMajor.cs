using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Whether an operand of <see cref="TensorCoreGemm"/> is K-major or MN-major in global memory (see <see cref="IOperandMajor"/>). It decides
/// which values of a tile a thread loads, and which float4s of <see cref="SharedFragments"/> it makes of them.
/// </summary>
/// <remarks>
/// A thread has two loads for each tile. Each is of 4 neighboring values of two neighboring rows in memory, 2 x 4 values, of which two
/// float4s are made. Indices into global memory are in the units of <see cref="IGlobalLoad"/>, those into shared memory in float4s.
/// </remarks>
interface IFragmentMajor
{
    /// <summary>Where the thread's first load of the first tile stands in global memory.</summary>
    static abstract int GlobalIndex(Operand operand, int thread);

    /// <summary>From a row to the next in global memory.</summary>
    /// <param name="lines">How many lines the operand has: M of A, N of B.</param>
    /// <param name="k">How long a line is.</param>
    static abstract int RowStride(int lines, int k);

    /// <summary>From the thread's first load to its second in global memory.</summary>
    static abstract int SecondLoad(int rowStride);

    /// <summary>From a tile to the next along K, in global memory.</summary>
    static abstract int TileStride(int rowStride);

    static abstract Float4 Load(ArrayView<float> matrix, int index);

    /// <summary>Loads 4 values of the first tile, which may begin with zeros.</summary>
    /// <param name="operand">The operand.</param>
    /// <param name="index">Where they stand in global memory.</param>
    /// <param name="thread">The thread's index in its group.</param>
    /// <param name="row">Which of the 4 rows of the thread's two loads.</param>
    static abstract Float4 LoadFirst(Operand operand, int index, int thread, int row);

    /// <summary>Where the first float4 of the thread's first load goes in shared memory.</summary>
    static abstract int SharedIndex(int thread);

    /// <summary>From the first float4 of a load to its second in shared memory.</summary>
    static abstract int SharedSecondFloat4 { get; }

    /// <summary>From the thread's first load to its second in shared memory.</summary>
    static abstract int SharedSecondLoad { get; }

    /// <summary>Whether the two rows of a load are two lines; else they are two k-steps.</summary>
    static abstract bool RowsAreLines { get; }
}

/// <summary>
/// Lines run along K. A load is two lines over 4 k-steps: a float4 for each of the two multiplications. The thread's second load is 64
/// lines further.
/// </summary>
readonly struct KMajorFragments<TLoad> : IFragmentMajor
    where TLoad : struct, IGlobalLoad
{
    const int HalfOfLines = SharedFragments.Lines / 2;

    public static int SharedSecondFloat4 => SharedFragments.MultiplicationStride;

    public static int SharedSecondLoad => HalfOfLines * SharedFragments.Float4sPerLine;

    public static bool RowsAreLines => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int thread)
    {
        int pair = thread >> 5;
        int line = ((pair >> 1) * SharedFragments.LinesOfTwoPairs) + SharedFragments.FirstLine((thread >> 2) & 7) + ((pair & 1) * 2);
        return (((operand.FirstLine + line) * operand.K) + operand.FirstK + KStep(thread)) / TLoad.Unit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowStride(int lines, int k) => k / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SecondLoad(int rowStride) => HalfOfLines * rowStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileStride(int rowStride) => SharedFragments.K / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int index) => TLoad.Load(matrix, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadFirst(Operand operand, int index, int thread, int row) =>
        TLoad.LoadAfterZeros(operand.Matrix, index, operand.Zeros - KStep(thread));

    // Warp w loads pair w of fragments, and its lanes are g and t of SharedFragments.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int thread) =>
        ((thread >> 5) * SharedFragments.PairStride) + SharedFragments.Index((thread >> 2) & 7, thread & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int KStep(int thread) => (thread & 3) * 4;
}

/// <summary>
/// Rows run along M or N. A load is 4 lines over two k-steps: a float4 for each of two pairs of fragments. The thread's second load is
/// the next two k-steps, for the second multiplication.
/// </summary>
readonly struct MnMajorFragments<TLoad> : IFragmentMajor
    where TLoad : struct, IGlobalLoad
{
    const int Float4sOfLines = SharedFragments.Lines / Float4.Count;

    public static int SharedSecondFloat4 => SharedFragments.PairStride;

    public static int SharedSecondLoad => SharedFragments.MultiplicationStride;

    public static bool RowsAreLines => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GlobalIndex(Operand operand, int thread) =>
        (((operand.FirstK + KStep(thread)) * operand.Lines) + operand.FirstLine + (LineFloat4(thread) * Float4.Count)) / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowStride(int lines, int k) => lines / TLoad.Unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SecondLoad(int rowStride) => 2 * rowStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileStride(int rowStride) => SharedFragments.K * rowStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int index) => TLoad.Load(matrix, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadFirst(Operand operand, int index, int thread, int row) =>
        TLoad.LoadAfterZeros(operand.Matrix, index, KStep(thread) + row < operand.Zeros ? 4 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedIndex(int thread)
    {
        int float4 = LineFloat4(thread);
        return ((float4 >> 3) * 2 * SharedFragments.PairStride) + SharedFragments.Index(SharedFragments.Owner(float4), T(thread));
    }

    // Lanes take neighboring float4s along the lines: a warp loads 4 whole rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int LineFloat4(int thread) => SharedTile.Remainder(thread, Float4sOfLines);

    // Each warp loads 4 k-steps, those of one t of SharedFragments.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int T(int thread) => SharedTile.Quotient(thread, Float4sOfLines);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int KStep(int thread) => T(thread) * 4;
}
