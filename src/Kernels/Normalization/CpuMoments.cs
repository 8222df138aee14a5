using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// The mean of each feature and the sum of the squared differences from it, read once: those of bands of 8 examples, which the first cache
/// holds for a second pass, are merged one after another.
/// </summary>
/// <remarks>
/// For n examples with mean m and sum of squares s, and a band of k examples with mean m' and sum s':
/// <code>
/// m = m + (m' - m)·k / (n + k)        s = s + s' + (m' - m)²·nk / (n + k)
/// </code>
/// Source: T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
/// </remarks>
/// <param name="X">x [N, H].</param>
/// <param name="Batch">N.</param>
/// <param name="Features">H.</param>
/// <param name="Means">The means [H].</param>
/// <param name="Squares">The sums of squared differences [H].</param>
readonly record struct CpuMoments(ViewMemory X, int Batch, int Features, ViewMemory Means, ViewMemory Squares) : IWorkerOperation
{
    // All means are those of the differences from the first example. Without that, equal values that are large would seem to vary by their
    // rounding.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Means);
        TMemory squares = TMemory.At(Squares);
        TMemory x = TMemory.At(X);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int row = 0; row < Batch; row += RowBands.OfOne)
        {
            int rows = IntrinsicMath.Min(RowBands.OfOne, Batch - row);
            float part = (float)rows / (row + rows);
            TLanes meanPart = TLanes.Broadcast(part);
            TLanes squarePart = TLanes.Broadcast(part * row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                TLanes shift = x.LoadPartial(feature, count);
                (TLanes bandMean, TLanes bandSquares) = Band(x.From(((long)row * Features) + feature), shift, rows, count);
                // 0 before the first band, whatever lies there.
                TLanes mean = row == 0 ? default : means.LoadPartial(feature, count);
                TLanes sum = row == 0 ? default : squares.LoadPartial(feature, count);
                TLanes difference = bandMean - mean;
                means.StorePartial(feature, count, TLanes.MultiplyAdd(difference, meanPart, mean));
                squares.StorePartial(feature, count, TLanes.MultiplyAdd(difference * difference, squarePart, sum + bandSquares));
            }
        }
        for (int feature = first; feature < end; feature += TLanes.Count)
        {
            int count = end - feature;
            means.StorePartial(feature, count, means.LoadPartial(feature, count) + x.LoadPartial(feature, count));
        }
    }

    // Of some examples: the mean of x - shift, and the sum of the squared differences from it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    (TLanes Mean, TLanes Squares) Band<TLanes, TMemory>(TMemory x, TLanes shift, int rows, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sum = default;
        TMemory values = x;
        for (int row = 0; row < rows; row++)
        {
            sum += values.LoadPartial(0, count) - shift;
            values = values.From(Features);
        }
        TLanes mean = sum / TLanes.Broadcast(rows);
        TLanes squares = default;
        values = x;
        for (int row = 0; row < rows; row++)
        {
            TLanes difference = values.LoadPartial(0, count) - shift - mean;
            squares = TLanes.MultiplyAdd(difference, difference, squares);
            values = values.From(Features);
        }
        return (mean, squares);
    }
}
