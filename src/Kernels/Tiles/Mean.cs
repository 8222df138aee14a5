using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>Writes the mean of neighbouring values, summed from the first to the last.</summary>
/// <param name="Values">The values.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="Result">Where the mean goes.</param>
public readonly record struct Mean(ViewMemory Values, int Count, ViewMemory Result) : ITileOperation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory values = TMemory.At(Values);
        float sum = 0f;
        for (int i = 0; i < Count; i++)
        {
            sum += values.Read(i);
        }
        TMemory.At(Result).Write(0, sum / Count);
    }
}
