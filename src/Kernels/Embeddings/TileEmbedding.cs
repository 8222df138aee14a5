using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>The embedding of some examples: for each, its tokens' rows of the table side by side.</summary>
/// <remarks>
/// Rows are copied in whole vectors: what spills over a row's end is written over by the next row, and behind the last there is room.
/// </remarks>
/// <param name="Table">The table, rows padded to the lanes.</param>
/// <param name="Tokens">The tokens [T, …], whole numbers, an example in each column.</param>
/// <param name="TokenStride">From a row of tokens to the next.</param>
/// <param name="Embedded">The result [examples, T·E].</param>
/// <param name="Examples">How many examples.</param>
/// <param name="Context">T.</param>
/// <param name="Width">E.</param>
public readonly record struct TileEmbeddingGather(
    MatrixView Table, ViewMemory Tokens, int TokenStride, MatrixView Embedded, int Examples, int Context, int Width) : ITileOperation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory table = TMemory.At(Table.Memory);
        TMemory tokens = TMemory.At(Tokens);
        TMemory embedded = TMemory.At(Embedded.Memory);
        for (int n = 0; n < Examples; n++)
        {
            for (int t = 0; t < Context; t++)
            {
                TMemory source = table.From(tokens.ReadInteger((t * TokenStride) + n) * Table.RowStride);
                TMemory target = embedded.From((n * Embedded.RowStride) + (t * Width));
                for (int e = 0; e < Width; e += TLanes.Count)
                {
                    target.Store(e, source.Load(e));
                }
            }
        }
    }
}
