using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Sums over the batch for mean and variance, in one pass: of differences from the feature's first value, among which no digits are lost to a
/// large mean (T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983).
/// </summary>
static class BatchSums
{
    /// <summary>Where in the scratch the sums of squares lie, a row of lanes for each feature; the sums themselves come first.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Squares<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => TileScratch.Sums<TLanes>();

    /// <summary>Where in the scratch the first values lie, one for each feature.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Firsts<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => 2 * TileScratch.Sums<TLanes>();

    /// <summary>For each feature its first value, and the sums, lane by lane, of the differences from it and of their squares.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    /// <typeparam name="TMemory">The memory.</typeparam>
    /// <param name="x">x [features, padded batch].</param>
    /// <param name="count">How many features; at most as many as are summed at a time.</param>
    /// <param name="batch">N.</param>
    /// <param name="paddedBatch">The length of a row, a multiple of the lanes.</param>
    /// <param name="scratch">Where they go: <see cref="TileScratch.Size"/> values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum<TLanes, TMemory>(TMemory x, int count, int batch, int paddedBatch, TMemory scratch)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory squareSums = scratch.From(Squares<TLanes>());
        TMemory firsts = scratch.From(Firsts<TLanes>());
        int whole = batch / TLanes.Count * TLanes.Count;
        TLanes ones = TLanes.Ones(batch - whole);
        for (int feature = 0; feature < count; feature++)
        {
            float first = x.Read(0);
            TLanes shift = TLanes.Broadcast(first);
            TLanes sum = default;
            TLanes squares = default;
            for (int n = 0; n < whole; n += TLanes.Count)
            {
                TLanes difference = x.Load(n) - shift;
                sum += difference;
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }
            if (whole < batch)
            {
                TLanes difference = (x.Load(whole) - shift) * ones;
                sum += difference;
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }
            scratch.Store(feature * TLanes.Count, sum);
            squareSums.Store(feature * TLanes.Count, squares);
            firsts.Write(feature, first);
            x = x.From(paddedBatch);
        }
    }
}
