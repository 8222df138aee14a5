using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>y = tanh(x) for neighbouring values.</summary>
/// <param name="X">x.</param>
/// <param name="Y">y; may be x itself.</param>
/// <param name="Count">How many values.</param>
public readonly record struct TileTanhForward(ViewMemory X, ViewMemory Y, int Count) : ITileOperation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory y = TMemory.At(Y);
        int i = 0;
        for (; i + TLanes.Count <= Count; i += TLanes.Count)
        {
            y.Store(i, LaneMath.Tanh(x.Load(i)));
        }
        for (i += TLanes.Thread; i < Count; i += TLanes.Threads)
        {
            y.Write(i, DeviceMath.Tanh(x.Read(i)));
        }
    }
}
