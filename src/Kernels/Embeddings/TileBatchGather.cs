using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// Gathers the examples of a batch in the fused kernel, by threads or by warps, as <see cref="BatchGather"/> says. The batch is transposed:
/// a row per position of the context, a last row for the targets, an example per column. Memory holds the bits of integers.
/// </summary>
/// <param name="Data">The tokens of the data set [M].</param>
/// <param name="Indices">Indices of the examples in the data set.</param>
/// <param name="Tokens">The gathered tokens and targets [T + 1, examples].</param>
/// <param name="RowStride">The row stride of the gathered tokens.</param>
/// <param name="Examples">The number of examples.</param>
/// <param name="Context">T.</param>
readonly record struct TileBatchGather(
    ViewMemory Data, ViewMemory Indices, ViewMemory Tokens, int RowStride, int Examples, int Context) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory data = TMemory.At(Data);
        TMemory indices = TMemory.At(Indices);
        TMemory tokens = TMemory.At(Tokens);
        for (int n = TLanes.Thread; n < Examples; n += TLanes.Threads)
        {
            int example = indices.ReadInteger(n);
            tokens.WriteInteger((Context * RowStride) + n, data.ReadInteger(example));
            // The target may be an end itself: of its own name, not of one before it.
            int token = BatchGather.InnerBoundary;
            for (int t = Context - 1; t >= 0; t--)
            {
                example--;
                token = token != BatchGather.End && example >= 0 ? data.ReadInteger(example) : BatchGather.End;
                tokens.WriteInteger((t * RowStride) + n, IntrinsicMath.Max(token, BatchGather.End));
            }
        }
    }
}
