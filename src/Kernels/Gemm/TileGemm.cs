using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The matrix product as a tile operation for operands that the first caches hold: C = A·B, or C += Factor·A·B. The fused kernel and
/// <see cref="SmallGroupGemm"/> run it, by a thread and its vectors. Where the fused kernel's worker is a warp, <see cref="WarpGemm"/> does
/// the work.
/// </summary>
/// <remarks>
/// <para>
/// A register tile of C, up to 8 rows of 2 vectors, stays in registers while the loop runs along K. At each k-step, a row of B is loaded
/// once for all rows of the tile, and a value of A is broadcast once for all its columns:
/// </para>
/// <code>
///                 k-step: B[k, columns]   2 vectors
///   A[rows, k]    register tile of C      tile += A[rows, k]·B[k, columns]
/// </code>
/// <para>
/// Tiles of fewer than 4 rows are slower: each multiply-add must wait for the last one on the same register. Rows of B and C are
/// contiguous; A may be a transpose. <see cref="WarpGemm"/> takes a transposed B, too.
/// </para>
/// </remarks>
/// <param name="A">A [M, K].</param>
/// <param name="B">B [K, N].</param>
/// <param name="C">C [M, N].</param>
/// <param name="M">Rows of A and C.</param>
/// <param name="K">Columns of A, rows of B.</param>
/// <param name="N">Columns of B and C.</param>
/// <param name="IsAdded">1 to add to C, 0 to replace it.</param>
/// <param name="Factor">The factor of what is added.</param>
readonly record struct TileGemm(MatrixView A, MatrixView B, MatrixView C, int M, int K, int N, int IsAdded, float Factor) : ITileOperation
{
    /// <summary>C [m, n] = A [m, k]·B [k, n].</summary>
    public TileGemm(MatrixView a, MatrixView b, MatrixView c, int m, int k, int n)
        : this(a, b, c, m, k, n, IsAdded: 0, Factor: 0f)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        if (TLanes.Threads == 1)
        {
            RunByVectors<TLanes, TMemory>();
        }
        else
        {
            WarpGemm.Run(this);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunByVectors<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory a = TMemory.At(A.Memory);
        TMemory b = TMemory.At(B.Memory);
        TMemory c = TMemory.At(C.Memory);
        int column = 0;
        for (; column + (2 * TLanes.Count) <= N; column += 2 * TLanes.Count)
        {
            RunColumns<TLanes, TMemory, TwoVectors<TLanes>>(a, b.From(column), c.From(column));
        }
        for (; column + TLanes.Count <= N; column += TLanes.Count)
        {
            RunColumns<TLanes, TMemory, OneVector<TLanes>>(a, b.From(column), c.From(column));
        }
        for (; column < N; column++)
        {
            RunColumns<TLanes, TMemory, OneValue<TLanes>>(a, b.From(column), c.From(column));
        }
    }

    // All rows of some columns, in register tiles of 8 rows, 4 rows and 1 row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunColumns<TLanes, TMemory, TRow>(TMemory a, TMemory b, TMemory c)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TRow : unmanaged, IRegisterRow<TRow, TLanes>
    {
        int row = 0;
        if (TLanes.RegisterRows >= 8)
        {
            for (; row + 8 <= M; row += 8)
            {
                RunTile<TLanes, TMemory, TRow,
                    TwiceRows<
                        TwiceRows<TwiceRows<RegisterTile1<TRow, TLanes, TMemory>, TRow, TLanes, TMemory>, TRow, TLanes, TMemory>,
                        TRow, TLanes, TMemory>>(row, a, b, c);
            }
        }
        for (; row + 4 <= M; row += 4)
        {
            RunTile<TLanes, TMemory, TRow,
                TwiceRows<TwiceRows<RegisterTile1<TRow, TLanes, TMemory>, TRow, TLanes, TMemory>, TRow, TLanes, TMemory>>(row, a, b, c);
        }
        for (; row < M; row++)
        {
            RunTile<TLanes, TMemory, TRow, RegisterTile1<TRow, TLanes, TMemory>>(row, a, b, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunTile<TLanes, TMemory, TRow, TTile>(int row, TMemory a, TMemory b, TMemory c)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TRow : unmanaged, IRegisterRow<TRow, TLanes>
        where TTile : struct, IRegisterTile<TTile, TRow, TLanes, TMemory>
    {
        TMemory left = a.From(row * A.RowStride);
        TMemory result = c.From(row * C.RowStride);
        if (IsAdded == 0)
        {
            Replace<TLanes, TMemory, TRow, TTile>(left, A.RowStride, A.ColumnStride, b, B.RowStride, K, result, C.RowStride);
        }
        else
        {
            Add<TLanes, TMemory, TRow, TTile>(left, A.RowStride, A.ColumnStride, b, B.RowStride, K, result, C.RowStride, Factor);
        }
    }

    // Replace and Add are two methods because .NET's compiler inlines only so much into one, and must inline all of a register tile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Replace<TLanes, TMemory, TRow, TTile>(
        TMemory a, long aRowStride, int aColumnStride, TMemory b, long bRowStride, int kSteps, TMemory c, long cRowStride)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TRow : unmanaged, IRegisterRow<TRow, TLanes>
        where TTile : struct, IRegisterTile<TTile, TRow, TLanes, TMemory>
    {
        TTile tile = TTile.Of(a, aRowStride);
        for (int k = 0, offset = 0; k < kSteps; k++)
        {
            tile = tile.MultiplyAdd(offset, TRow.Load(b));
            offset += aColumnStride;
            b = b.From(bRowStride);
        }
        tile.Store(c, cRowStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add<TLanes, TMemory, TRow, TTile>(
        TMemory a, long aRowStride, int aColumnStride, TMemory b, long bRowStride, int kSteps, TMemory c, long cRowStride, float factor)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TRow : unmanaged, IRegisterRow<TRow, TLanes>
        where TTile : struct, IRegisterTile<TTile, TRow, TLanes, TMemory>
    {
        TTile tile = TTile.Of(a, aRowStride);
        for (int k = 0, offset = 0; k < kSteps; k++)
        {
            tile = tile.MultiplyAdd(offset, TRow.Load(b));
            offset += aColumnStride;
            b = b.From(bRowStride);
        }
        tile.AddTo(c, cRowStride, factor);
    }
}
