using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// Stores factor · Σ x² of neighboring values, the L2 loss of some weights, for the fused form by threads and by warps. Each lane computes
/// a partial sum; the partial sums are added from the first lane to the last, and then what is left of no whole vector.
/// </summary>
/// <param name="Factor">The factor.</param>
/// <param name="X">x.</param>
/// <param name="Count">How many values.</param>
/// <param name="Result">Where the result goes [1].</param>
/// <param name="Scratch">A value for each lane.</param>
readonly record struct TileSumOfSquares(float Factor, ViewMemory X, int Count, ViewMemory Result, ViewMemory Scratch) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory scratch = TMemory.At(Scratch);
        TLanes partialSums = default;
        int vectorEnd = Count / TLanes.Count * TLanes.Count;
        for (int i = 0; i < vectorEnd; i += TLanes.Count)
        {
            TLanes values = x.Load(i);
            partialSums = TLanes.MultiplyAdd(values, values, partialSums);
        }
        scratch.Store(0, partialSums);
        // Race: every lane reads the partial sums that all lanes have just stored.
        TLanes.Sync();
        float sum = 0f;
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            sum += scratch.Read(lane);
        }
        // Padding may hold anything.
        for (int i = vectorEnd; i < Count; i++)
        {
            float value = x.Read(i);
            sum += value * value;
        }
        TMemory.At(Result).Write(0, Factor * sum);
    }
}
