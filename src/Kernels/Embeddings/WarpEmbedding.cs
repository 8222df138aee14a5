using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// One feature of the embedding of a batch: for each example, one value of its token's row of the table.
/// </summary>
/// <param name="Tokens">The examples' tokens at one place of the context, whole numbers.</param>
/// <param name="Table">The table.</param>
/// <param name="Embedded">The result, an example in each lane; 0 in the padding.</param>
/// <param name="Examples">How many examples.</param>
/// <param name="PaddedExamples">Examples with padding.</param>
/// <param name="Column">Which value of its row.</param>
public readonly record struct WarpEmbeddingGather(
    ViewMemory Tokens, MatrixView Table, ViewMemory Embedded, int Examples, int PaddedExamples, int Column) : ITileOperation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory tokens = TMemory.At(Tokens);
        TMemory column = TMemory.At(Table.Memory).From(Column);
        TMemory embedded = TMemory.At(Embedded);
        for (int n = TLanes.Thread; n < PaddedExamples; n += TLanes.Threads)
        {
            float value = 0f;
            if (n < Examples)
            {
                value = column.Read(tokens.ReadInteger(n) * Table.RowStride);
            }
            embedded.Write(n, value);
        }
    }
}
