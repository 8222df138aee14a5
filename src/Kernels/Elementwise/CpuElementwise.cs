using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary><c>ActivationFunction.Forward</c> on a processor. Workers share the values.</summary>
/// <param name="Activation">The activation.</param>
/// <param name="X">x.</param>
/// <param name="Count">How many values.</param>
/// <param name="Y">y; may be x itself.</param>
readonly record struct CpuActivationForward(Activation Activation, ViewMemory X, int Count, ViewMemory Y) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(Count, TLanes.Count);
        new TileActivationForward(Activation, X.From(first), Y.From(first), end - first).Run<TLanes, TMemory>();
    }
}

/// <summary><c>ActivationFunction.Backward</c> on a processor. Workers share the values.</summary>
/// <param name="Activation">The activation.</param>
/// <param name="Source">Its output; or its input, where its slope comes from that.</param>
/// <param name="DY">The gradient of its output.</param>
/// <param name="Count">How many values.</param>
/// <param name="DX">The gradient of its input; may be dy itself.</param>
readonly record struct CpuActivationBackward(Activation Activation, ViewMemory Source, ViewMemory DY, int Count, ViewMemory DX)
    : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(Count, TLanes.Count);
        new TileActivationBackward(Activation, Source.From(first), DY.From(first), DX.From(first), end - first).Run<TLanes, TMemory>();
    }
}

/// <summary><c>Sgd.Update</c> on a processor. Workers share the parameters.</summary>
/// <param name="Gradients">dw.</param>
/// <param name="State">The step, which is incremented, and the learning rate.</param>
/// <param name="Count">How many parameters.</param>
/// <param name="Parameters">w, updated.</param>
readonly record struct CpuSgdUpdate(ViewMemory Gradients, ViewMemory State, int Count, ViewMemory Parameters) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory state = TMemory.At(State);
        // This is no race: the other workers read only the learning rate.
        if (worker.Index == 0)
        {
            state.WriteInteger(0, state.ReadInteger(0) + 1);
        }
        (int first, int end) = worker.Share(Count, TLanes.Count);
        new TileScaledAdd(-state.Read(1), Gradients.From(first), Parameters.From(first), end - first).Run<TLanes, TMemory>();
    }
}

/// <summary>y += factor·x on a processor. Workers share the values.</summary>
/// <param name="Factor">The factor.</param>
/// <param name="X">x.</param>
/// <param name="Count">How many values.</param>
/// <param name="Y">y, updated.</param>
readonly record struct CpuScaledAdd(float Factor, ViewMemory X, int Count, ViewMemory Y) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(Count, TLanes.Count);
        new TileScaledAdd(Factor, X.From(first), Y.From(first), end - first).Run<TLanes, TMemory>();
    }
}
