using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary><c>Bias.Add</c> on a processor. Workers share the rows.</summary>
/// <param name="Bias">b [H].</param>
/// <param name="Rows">N.</param>
/// <param name="Columns">H.</param>
/// <param name="X">x [N, H]; becomes x + b.</param>
readonly record struct CpuBiasAdd(ViewMemory Bias, int Rows, int Columns, ViewMemory X) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory bias = TMemory.At(Bias);
        (int first, int end) = worker.Share(Rows);
        TMemory x = TMemory.At(X).From((long)first * Columns);
        for (int row = first; row < end; row++)
        {
            for (int column = 0; column < Columns; column += TLanes.Count)
            {
                int count = Columns - column;
                x.StorePartial(column, count, x.LoadPartial(column, count) + bias.LoadPartial(column, count));
            }
            x = x.From(Columns);
        }
    }
}

/// <summary>
/// <c>Bias.ColumnSums</c> on a processor. Workers share the columns. A sum is one of partial sums of 8 rows: in one running sum, a
/// thousand roundings would cost several units in the sixth digit.
/// </summary>
/// <param name="X">x [N, H].</param>
/// <param name="Rows">N.</param>
/// <param name="Columns">H.</param>
/// <param name="Sums">The sums [H].</param>
readonly record struct CpuColumnSums(ViewMemory X, int Rows, int Columns, ViewMemory Sums) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory sums = TMemory.At(Sums);
        (int first, int end) = worker.Share(Columns, TLanes.Count);
        for (int column = first; column < end; column += TLanes.Count)
        {
            sums.StorePartial(column, end - column, default);
        }
        for (int row = 0; row < Rows; row += RowBands.OfOne)
        {
            int rows = IntrinsicMath.Min(RowBands.OfOne, Rows - row);
            for (int column = first; column < end; column += TLanes.Count)
            {
                int count = end - column;
                TMemory values = x.From(((long)row * Columns) + column);
                TLanes sum = default;
                for (int i = 0; i < rows; i++)
                {
                    sum += values.LoadPartial(0, count);
                    values = values.From(Columns);
                }
                sums.StorePartial(column, count, sums.LoadPartial(column, count) + sum);
            }
        }
    }
}
