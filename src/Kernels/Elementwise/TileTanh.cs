using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>
/// y = tanh(x) for neighboring values, in the layered form on processors and in the fused form by threads and by warps. y may be x itself.
/// </summary>
readonly record struct TileTanhForward(ViewMemory X, ViewMemory Y, int Count) : ITileOperation
{
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
            y.Write(i, LaneMath.Tanh(TLanes.Broadcast(x.Read(i))).First);
        }
    }
}

/// <summary>
/// dx = (1 - y²)·dy with y = tanh(x) for neighboring values, in the layered form on processors and in the fused form by threads and by
/// warps. dx may be dy itself.
/// </summary>
readonly record struct TileTanhBackward(ViewMemory Y, ViewMemory DY, ViewMemory DX, int Count) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory y = TMemory.At(Y);
        TMemory dy = TMemory.At(DY);
        TMemory dx = TMemory.At(DX);
        TLanes one = TLanes.Broadcast(1f);
        int i = 0;
        for (; i + TLanes.Count <= Count; i += TLanes.Count)
        {
            TLanes output = y.Load(i);
            dx.Store(i, (one - (output * output)) * dy.Load(i));
        }
        for (i += TLanes.Thread; i < Count; i += TLanes.Threads)
        {
            float output = y.Read(i);
            dx.Write(i, (1f - (output * output)) * dy.Read(i));
        }
    }
}
