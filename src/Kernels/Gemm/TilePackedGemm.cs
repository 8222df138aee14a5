using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The matrix product C = A·B, or C += Factor·A·B, of a processor's core, for operands of any size and either layout. It copies blocks of
/// A and B to where the caches hold them and multiplies the copies by register tiles of 6 rows and two vectors.
/// </summary>
/// <remarks>
/// <para>
/// The loops are those of K. Goto and R. van de Geijn, "Anatomy of high-performance matrix multiplication", 2008:
/// </para>
/// <code>
/// for columns of C, 1024 at a time
///   for k, 256 at a time                                                                         B[k, columns]: 1 MB, the common cache
///     for rows of C, 120 at a time        copy A[rows, k]                                        130 KB, the core's second cache
///       for panels of two vectors         the first time copy B[k, panel]                        16 or 32 KB, the first cache
///         for rows, 6 at a time           register tile += A[rows, k]·panel
/// </code>
/// <para>
/// Where there are so few k that the panels of a block are short, the two inner loops are exchanged: all panels then lie in the second
/// cache, and C is written row by row.
/// </para>
/// <para>
/// A copy lies in one piece: its rows share no cache line, and few pages. Of a product of large matrices that lie row by row with strides
/// that are powers of two, the caches would hold next to nothing otherwise. Both copies together read each value of A once for 1,024
/// columns, and each of B once for all rows.
/// </para>
/// <para>
/// The sizes of the blocks are the same on all processors, and so is the order of each sum: blocks of 256 along K, each summed from its
/// first term on, and added in their order.
/// </para>
/// </remarks>
/// <param name="A">A [M, K], its rows contiguous or, of a transpose, its columns.</param>
/// <param name="B">B [K, N], likewise.</param>
/// <param name="C">C [M, N], its rows contiguous.</param>
/// <param name="M">Rows of A and C.</param>
/// <param name="K">Columns of A, rows of B.</param>
/// <param name="N">Columns of B and C.</param>
/// <param name="IsAdded">1 to add to C, 0 to replace it.</param>
/// <param name="Factor">The factor of what is added.</param>
/// <param name="Scratch">Memory for the copies, of <see cref="ScratchLength"/>.</param>
readonly record struct TilePackedGemm(
    MatrixView A, MatrixView B, MatrixView C, int M, int K, int N, int IsAdded, float Factor, ViewMemory Scratch) : ITileOperation
{
    const int BlockK = 256;
    const int BlockRows = 120;
    const int BlockColumns = 1024;

    // The panels of a block then take 256 KB at most.
    const int MaxShortK = 64;

    // The rows of a register tile, and the columns: two vectors of at most so many lanes.
    const int MaxTileRows = 6;
    const int MaxPanel = 2 * TileScratch.MaxLanes;

    // From a row of the copy of A to the next. Rows at a distance of 1 KB would compete for the same few lines of the first cache.
    public const int LeftStride = BlockK + 16;

    const int EdgeLength = MaxTileRows * MaxPanel;

    /// <summary>Values of scratch for a product of this size at most.</summary>
    /// <param name="m">M.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N.</param>
    public static int ScratchLength(int m, int k, int n) =>
        EdgeLength + LeftLength(m) + (Math.Min(k, BlockK) * ((Math.Min(n, BlockColumns) + MaxPanel - 1) / MaxPanel * MaxPanel));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int column = 0; column < N; column += BlockColumns)
        {
            int columns = IntrinsicMath.Min(BlockColumns, N - column);
            for (int k = 0; k < K; k += BlockK)
            {
                int steps = IntrinsicMath.Min(BlockK, K - k);
                for (int row = 0; row < M; row += BlockRows)
                {
                    int rows = IntrinsicMath.Min(BlockRows, M - row);
                    CopyLeft<TLanes, TMemory>(row, rows, k, steps);
                    MultiplyBlock<TLanes, TMemory>(row, rows, k, steps, column, columns);
                }
            }
        }
    }

    ViewMemory Left => Scratch.From(EdgeLength);

    ViewMemory Right => Scratch.From(EdgeLength + LeftLength(M));

    // A[rows, k] in rows of LeftStride.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void CopyLeft<TLanes, TMemory>(int row, int rows, int k, int steps)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        MatrixView block = A.From(row, k);
        if (A.IsTransposed != 0)
        {
            new TileTranspose(block.Transposed, new(Left, LeftStride), steps, rows).Run<TLanes, TMemory>();
            return;
        }
        TMemory source = TMemory.At(block.Memory);
        TMemory target = TMemory.At(Left);
        for (int i = 0; i < rows; i++)
        {
            CopyRow<TLanes, TMemory>(source.From((long)i * A.RowStride), target.From(i * LeftStride), steps);
        }
    }

    // A panel of B. Of the last one there are columns that nobody stores.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void CopyPanel<TLanes, TMemory>(int k, int steps, int column, int width, ViewMemory copy)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int panel = 2 * TLanes.Count;
        MatrixView block = B.From(k, column);
        if (B.IsTransposed != 0)
        {
            new TileTranspose(block.Transposed, new(copy, panel), width, steps).Run<TLanes, TMemory>();
            return;
        }
        TMemory source = TMemory.At(block.Memory);
        TMemory target = TMemory.At(copy);
        if (width == panel)
        {
            for (int i = 0; i < steps; i++)
            {
                target.Store(0, source.Load(0));
                target.Store(TLanes.Count, source.Load(TLanes.Count));
                source = source.From(B.RowStride);
                target = target.From(panel);
            }
        }
        else
        {
            for (int i = 0; i < steps; i++)
            {
                CopyRow<TLanes, TMemory>(source.From((long)i * B.RowStride), target.From(i * panel), width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void CopyRow<TLanes, TMemory>(TMemory source, TMemory target, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int i = 0; i < count; i += TLanes.Count)
        {
            target.Store(i, source.LoadPartial(i, count - i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void MultiplyBlock<TLanes, TMemory>(int row, int rows, int k, int steps, int column, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int panel = 2 * TLanes.Count;
        TMemory left = TMemory.At(Left);
        TMemory right = TMemory.At(Right);
        TMemory edge = TMemory.At(Scratch);
        TMemory result = TMemory.At(C.From(row, column).Memory);
        // Blocks along K after the first are added to what is there already.
        bool isReplaced = k == 0 && IsAdded == 0;
        TLanes factor = TLanes.Broadcast(IsAdded == 0 ? 1f : Factor);
        int together = steps <= MaxShortK ? columns : panel;
        // Without more rows to come, a panel can overwrite the one before.
        int panelStride = M > BlockRows || together > panel ? panel * steps : 0;
        for (int start = 0; start < columns; start += together)
        {
            int end = IntrinsicMath.Min(start + together, columns);
            for (int i = 0; i < rows; i += MaxTileRows)
            {
                TMemory a = left.From(i * LeftStride);
                int height = IntrinsicMath.Min(MaxTileRows, rows - i);
                for (int first = start; first < end; first += panel)
                {
                    int width = IntrinsicMath.Min(panel, columns - first);
                    int at = first / panel * panelStride;
                    if (row == 0 && i == 0)
                    {
                        // As late as this: the first cache still holds it when it is used.
                        CopyPanel<TLanes, TMemory>(k, steps, column + first, width, Right.From(at));
                    }
                    TMemory b = right.From(at);
                    TMemory c = result.From(((long)i * C.RowStride) + first);
                    // Beyond C's edge a tile goes elsewhere, and what is of C is copied from there.
                    bool isWhole = width == panel && (height & 1) == 0;
                    TMemory target = isWhole ? c : edge;
                    int stride = isWhole ? C.RowStride : panel;
                    bool isStored = isReplaced || !isWhole;
                    // The tile of C arrives while it is computed. Its rows lie too far apart for the processor to foresee the next.
                    for (int j = 0; j < height; j++)
                    {
                        c.From((long)j * C.RowStride).Prefetch(0);
                        c.From((long)j * C.RowStride).Prefetch(TLanes.Count);
                    }
                    RunTile<TLanes, TMemory>(height, a, b, steps, target, stride, isStored, factor);
                    if (!isWhole)
                    {
                        CopyEdge<TLanes, TMemory>(edge, panel, c, height, width, isReplaced, factor);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RunTile<TLanes, TMemory>(
        int height, TMemory a, TMemory b, int steps, TMemory c, int rowStride, bool isStored, TLanes factor)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        if (height > 4)
        {
            RunTile<TLanes, TMemory, StackedRows<TwoRows<TLanes>, StackedRows<TwoRows<TLanes>, TwoRows<TLanes>, TLanes>, TLanes>>(
                a, b, steps, c, rowStride, isStored, factor);
        }
        else if (height > 2)
        {
            RunTile<TLanes, TMemory, StackedRows<TwoRows<TLanes>, TwoRows<TLanes>, TLanes>>(a, b, steps, c, rowStride, isStored, factor);
        }
        else
        {
            RunTile<TLanes, TMemory, TwoRows<TLanes>>(a, b, steps, c, rowStride, isStored, factor);
        }
    }

    // Four k-steps at a time: the loop itself would take a quarter of the instructions of one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RunTile<TLanes, TMemory, TTile>(TMemory a, TMemory b, int steps, TMemory c, int rowStride, bool isStored, TLanes factor)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TTile : struct, IPanelTile<TTile, TLanes>
    {
        TTile tile = default;
        int k = 0;
        for (; k + 4 <= steps; k += 4)
        {
            tile.Add(a, 0, b.Load(0), b.Load(TLanes.Count));
            tile.Add(a, 1, b.Load(2 * TLanes.Count), b.Load(3 * TLanes.Count));
            tile.Add(a, 2, b.Load(4 * TLanes.Count), b.Load(5 * TLanes.Count));
            tile.Add(a, 3, b.Load(6 * TLanes.Count), b.Load(7 * TLanes.Count));
            a = a.From(4);
            b = b.From(8 * TLanes.Count);
        }
        for (; k < steps; k++)
        {
            tile.Add(a, 0, b.Load(0), b.Load(TLanes.Count));
            a = a.From(1);
            b = b.From(2 * TLanes.Count);
        }
        if (isStored)
        {
            tile.Store(c, rowStride);
        }
        else
        {
            tile.AddTo(c, rowStride, factor);
        }
    }

    // The first columns of some rows of a tile to C.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void CopyEdge<TLanes, TMemory>(TMemory edge, int panel, TMemory c, int rows, int columns, bool isReplaced, TLanes factor)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j += TLanes.Count)
            {
                TLanes values = edge.Load(j);
                c.StorePartial(
                    j, columns - j, isReplaced ? values : TLanes.MultiplyAdd(factor, values, c.LoadPartial(j, columns - j)));
            }
            edge = edge.From(panel);
            c = c.From(C.RowStride);
        }
    }

    // Whole register tiles: the last reads rows that it does not store.
    static int LeftLength(int m) =>
        (IntrinsicMath.Min(m, BlockRows) + MaxTileRows - 1) / MaxTileRows * MaxTileRows * LeftStride;
}
