using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Target = Sourceᵀ, block by block. Rows of both are contiguous. For GEMMs and embedding gradients by threads of a processor, layered and
/// fused.
/// </summary>
/// <param name="Source">The source [rows, columns].</param>
/// <param name="Target">The target [columns, rows].</param>
/// <param name="Rows">Rows of the source.</param>
/// <param name="Columns">Columns of the source.</param>
readonly record struct TileTranspose(MatrixView Source, MatrixView Target, int Rows, int Columns) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory source = TMemory.At(Source.Memory);
        TMemory target = TMemory.At(Target.Memory);
        int blockRows = Rows / TLanes.Count * TLanes.Count;
        int blockColumns = Columns / TLanes.Count * TLanes.Count;
        for (int row = 0; row < blockRows; row += TLanes.Count)
        {
            for (int column = 0; column < blockColumns; column += TLanes.Count)
            {
                TLanes.Transpose(
                    source.From((row * Source.RowStride) + column), Source.RowStride,
                    target.From((column * Target.RowStride) + row), Target.RowStride);
            }
        }
        Copy<TLanes, TMemory>(source, target, 0, blockRows, blockColumns);
        Copy<TLanes, TMemory>(source, target, blockRows, Rows, 0);
    }

    // Value by value, what no block covers: rows from firstRow to endRow, columns from firstColumn on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Copy<TLanes, TMemory>(TMemory source, TMemory target, int firstRow, int endRow, int firstColumn)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int row = firstRow; row < endRow; row++)
        {
            for (int column = firstColumn + TLanes.Thread; column < Columns; column += TLanes.Threads)
            {
                target.Write((column * Target.RowStride) + row, source.Read((row * Source.RowStride) + column));
            }
        }
    }
}
