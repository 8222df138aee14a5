using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The matrix product of a tile: C = A·B, or C += factor·A·B. Rows of B and C are contiguous; A may be a transpose.
/// </summary>
/// <remarks>
/// A block of rows and columns stays in registers while the loop runs along the depth: a vector of B is loaded once for all its rows, a
/// value of A once for all its columns. Multiples of 4 rows are best: blocks of fewer wait for their own additions. For a warp, which does this its
/// own way, B may be a transpose, too: see <see cref="WarpGemm"/> for that, and for how its operands must lie.
/// </remarks>
/// <param name="A">A [rows, depth].</param>
/// <param name="B">B [depth, columns].</param>
/// <param name="C">C [rows, columns].</param>
/// <param name="M">Rows of the tile.</param>
/// <param name="K">The length of the inner products.</param>
/// <param name="N">Columns of the tile.</param>
/// <param name="IsAdded">1 to add to C, 0 to replace it.</param>
/// <param name="Factor">The factor of what is added.</param>
readonly record struct TileGemm(MatrixView A, MatrixView B, MatrixView C, int M, int K, int N, int IsAdded, float Factor) : ITileOperation
{
    /// <summary>C = A·B.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns].</param>
    /// <param name="c">C [rows, columns].</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="depth">The length of the inner products.</param>
    /// <param name="columns">Columns of the tile.</param>
    public TileGemm(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns)
        : this(a, b, c, rows, depth, columns, IsAdded: 0, Factor: 0f)
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunColumns<TLanes, TMemory, TColumns>(TMemory a, TMemory b, TMemory c)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
    {
        int row = 0;
        if (TLanes.RegisterRows >= 8)
        {
            for (; row + 8 <= M; row += 8)
            {
                RunBlock<TLanes, TMemory, TColumns, TwiceRows<TwiceRows<TwiceRows<RegisterTile1<TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>>(row, a, b, c);
            }
        }
        for (; row + 4 <= M; row += 4)
        {
            RunBlock<TLanes, TMemory, TColumns, TwiceRows<TwiceRows<RegisterTile1<TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>>(row, a, b, c);
        }
        for (; row < M; row++)
        {
            RunBlock<TLanes, TMemory, TColumns, RegisterTile1<TColumns, TLanes, TMemory>>(row, a, b, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunBlock<TLanes, TMemory, TColumns, TBlock>(int row, TMemory a, TMemory b, TMemory c)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
        where TBlock : struct, IRegisterTile<TBlock, TColumns, TLanes, TMemory>
    {
        TMemory left = a.From(row * A.RowStride);
        TMemory result = c.From(row * C.RowStride);
        if (IsAdded == 0)
        {
            Replace<TLanes, TMemory, TColumns, TBlock>(left, A.RowStride, A.ColumnStride, b, B.RowStride, K, result, C.RowStride);
        }
        else
        {
            Add<TLanes, TMemory, TColumns, TBlock>(left, A.RowStride, A.ColumnStride, b, B.RowStride, K, result, C.RowStride, Factor);
        }
    }

    // Two methods, for the compiler of the CPU accelerator inlines only so much into one, and all of a block must be inlined.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Replace<TLanes, TMemory, TColumns, TBlock>(
        TMemory a, long aRow, int aColumn, TMemory b, long bRow, int depth, TMemory c, long cRow)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
        where TBlock : struct, IRegisterTile<TBlock, TColumns, TLanes, TMemory>
    {
        TBlock block = TBlock.Of(a, aRow);
        for (int k = 0, column = 0; k < depth; k++)
        {
            block = block.MultiplyAdd(column, TColumns.Load(b));
            column += aColumn;
            b = b.From(bRow);
        }
        block.Store(c, cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Add<TLanes, TMemory, TColumns, TBlock>(
        TMemory a, long aRow, int aColumn, TMemory b, long bRow, int depth, TMemory c, long cRow, float factor)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
        where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
        where TBlock : struct, IRegisterTile<TBlock, TColumns, TLanes, TMemory>
    {
        TBlock block = TBlock.Of(a, aRow);
        for (int k = 0, column = 0; k < depth; k++)
        {
            block = block.MultiplyAdd(column, TColumns.Load(b));
            column += aColumn;
            b = b.From(bRow);
        }
        block.AddTo(c, cRow, factor);
    }
}
