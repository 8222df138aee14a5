using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>
/// y += factor·x for neighboring values: SGD and weight decay, in the layered form on every device and in the fused form by threads and by
/// warps. x may be y itself.
/// </summary>
readonly record struct TileScaledAdd(float Factor, ViewMemory X, ViewMemory Y, int Count) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory y = TMemory.At(Y);
        TLanes factor = TLanes.Broadcast(Factor);
        int i = 0;
        for (; i + TLanes.Count <= Count; i += TLanes.Count)
        {
            y.Store(i, TLanes.MultiplyAdd(factor, x.Load(i), y.Load(i)));
        }
        for (i += TLanes.Thread; i < Count; i += TLanes.Threads)
        {
            y.Write(i, TLanes.MultiplyAdd(factor, TLanes.Broadcast(x.Read(i)), TLanes.Broadcast(y.Read(i))).First);
        }
    }
}
