using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// Takes examples out of a data set: a row for each place of the context and a last one for the targets, an example in each column. All are
/// whole numbers, which stand in memory by their bits.
/// </summary>
/// <param name="Contexts">The contexts of the data set [examples of the set, T].</param>
/// <param name="Targets">The targets of the data set.</param>
/// <param name="Indices">Which examples.</param>
/// <param name="Tokens">Where the tokens go [T + 1, …].</param>
/// <param name="RowStride">From a row of tokens to the next.</param>
/// <param name="Examples">How many examples.</param>
/// <param name="Context">T.</param>
readonly record struct TileBatchGather(
    ViewMemory Contexts, ViewMemory Targets, ViewMemory Indices, ViewMemory Tokens, int RowStride, int Examples, int Context) : ITileOperation
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
