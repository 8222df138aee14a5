using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>Writes factor · Σ x² of neighboring values. Each lane sums what falls to it, and then the lanes are summed from the first to the last.</summary>
/// <param name="Factor">The factor.</param>
/// <param name="X">x.</param>
/// <param name="Count">How many values, a multiple of the lanes.</param>
/// <param name="Result">Where the result goes.</param>
/// <param name="Scratch">Room for the lanes' sums.</param>
readonly record struct TileSumOfSquares(float Factor, ViewMemory X, int Count, ViewMemory Result, ViewMemory Scratch) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory scratch = TMemory.At(Scratch);
        TLanes sums = default;
        for (int i = 0; i < Count; i += TLanes.Count)
        {
            TLanes values = x.Load(i);
            sums = TLanes.MultiplyAdd(values, values, sums);
        }
        scratch.Store(0, sums);
        // Every lane sums the sums of all.
        TLanes.Sync();
        float sum = 0f;
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            sum += scratch.Read(lane);
        }
        TMemory.At(Result).Write(0, Factor * sum);
    }
}
