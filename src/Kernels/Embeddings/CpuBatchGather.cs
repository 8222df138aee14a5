using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary><see cref="BatchGather"/> on a processor. Workers share the examples.</summary>
/// <param name="Data">The tokens of the data set [M].</param>
/// <param name="Indices">Indices into it [steps, N].</param>
/// <param name="State">The step.</param>
/// <param name="Batch">N.</param>
/// <param name="Context">T.</param>
/// <param name="Tokens">The batch's contexts [N, T].</param>
/// <param name="Targets">The batch's targets [N].</param>
readonly record struct CpuBatchGather(
    ViewMemory Data, ViewMemory Indices, ViewMemory State, int Batch, int Context, ViewMemory Tokens, ViewMemory Targets) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory data = TMemory.At(Data);
        TMemory indices = TMemory.At(Indices).From((long)TMemory.At(State).ReadInteger(0) * Batch);
        TMemory tokens = TMemory.At(Tokens);
        TMemory targets = TMemory.At(Targets);
        (int first, int end) = worker.Share(Batch);
        for (int n = first; n < end; n++)
        {
            int example = indices.ReadInteger(n);
            targets.WriteInteger(n, data.ReadInteger(example));
            // The target may be an end itself: of its own name, not of one before it.
            int token = BatchGather.InnerBoundary;
            for (int t = Context - 1; t >= 0; t--)
            {
                example--;
                token = token != BatchGather.End && example >= 0 ? data.ReadInteger(example) : BatchGather.End;
                tokens.WriteInteger((n * Context) + t, IntrinsicMath.Max(token, BatchGather.End));
            }
        }
    }
}
