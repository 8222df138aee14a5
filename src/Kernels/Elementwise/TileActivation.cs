using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>
/// An activation of neighboring values, in the layered form on processors and in the fused form by threads and by warps. y may be x itself.
/// </summary>
readonly record struct TileActivationForward(Activation Activation, ViewMemory X, ViewMemory Y, int Count) : ITileOperation
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
            y.Store(i, ActivationMath.Value(Activation, x.Load(i)));
        }
        for (i += TLanes.Thread; i < Count; i += TLanes.Threads)
        {
            y.Write(i, ActivationMath.Value(Activation, TLanes.Broadcast(x.Read(i))).First);
        }
    }
}

/// <summary>
/// dx = dy/dx · dy of an activation for neighboring values, in the layered form on processors and in the fused form by threads and by
/// warps. dx may be dy itself.
/// </summary>
/// <param name="Activation">The activation.</param>
/// <param name="Source">Its output; or its input, where its slope comes from that.</param>
/// <param name="DY">The gradient of its output.</param>
/// <param name="DX">Where the gradient of its input goes.</param>
/// <param name="Count">How many values.</param>
readonly record struct TileActivationBackward(Activation Activation, ViewMemory Source, ViewMemory DY, ViewMemory DX, int Count)
    : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory source = TMemory.At(Source);
        TMemory dy = TMemory.At(DY);
        TMemory dx = TMemory.At(DX);
        int i = 0;
        for (; i + TLanes.Count <= Count; i += TLanes.Count)
        {
            dx.Store(i, ActivationMath.Slope(Activation, source.Load(i)) * dy.Load(i));
        }
        for (i += TLanes.Thread; i < Count; i += TLanes.Threads)
        {
            dx.Write(i, ActivationMath.Slope(Activation, TLanes.Broadcast(source.Read(i))).First * dy.Read(i));
        }
    }
}
