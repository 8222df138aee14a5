using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// Gathers the examples of a batch in the fused kernel, by threads or by warps. The batch is transposed: a row per position of the context,
/// a last row for the targets, an example per column. Memory holds the bits of integers.
/// </summary>
/// <param name="Contexts">The contexts of the data set [M, T].</param>
/// <param name="Targets">The targets of the data set [M].</param>
/// <param name="Indices">Indices of the examples in the data set.</param>
/// <param name="Tokens">The gathered tokens and targets [T + 1, examples].</param>
/// <param name="RowStride">The row stride of the gathered tokens.</param>
/// <param name="Examples">The number of examples.</param>
/// <param name="Context">T.</param>
readonly record struct TileBatchGather(
    ViewMemory Contexts, ViewMemory Targets, ViewMemory Indices, ViewMemory Tokens, int RowStride, int Examples,
    int Context) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory contexts = TMemory.At(Contexts);
        TMemory targets = TMemory.At(Targets);
        TMemory indices = TMemory.At(Indices);
        TMemory tokens = TMemory.At(Tokens);
        for (int n = TLanes.Thread; n < Examples; n += TLanes.Threads)
        {
            int example = indices.ReadInteger(n);
            for (int t = 0; t < Context; t++)
            {
                tokens.WriteInteger((t * RowStride) + n, contexts.ReadInteger((example * Context) + t));
            }
            tokens.WriteInteger((Context * RowStride) + n, targets.ReadInteger(example));
        }
    }
}
