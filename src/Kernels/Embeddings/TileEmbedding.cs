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
readonly record struct TileEmbeddingGather(
    MatrixView Table, ViewMemory Tokens, int TokenStride, MatrixView Embedded, int Examples, int Context, int Width) : ITileOperation
{
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

/// <summary>
/// Moves the rows of the embedding table by -learning rate · their gradient, example by example: one order, so that it needs no atomics and
/// repeats bit for bit.
/// </summary>
/// <param name="Gradient">The gradient of the embedded examples [examples, T·E], with room for a vector behind each row.</param>
/// <param name="Tokens">The tokens [T, …], whole numbers, an example in each column.</param>
/// <param name="TokenStride">From a row of tokens to the next.</param>
/// <param name="Table">The table, rows padded to the lanes.</param>
/// <param name="Examples">How many examples.</param>
/// <param name="Context">T.</param>
/// <param name="Width">E.</param>
/// <param name="LearningRate">The learning rate.</param>
readonly record struct TileEmbeddingUpdate(
    MatrixView Gradient, ViewMemory Tokens, int TokenStride, MatrixView Table, int Examples, int Context, int Width, float LearningRate) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory gradient = TMemory.At(Gradient.Memory);
        TMemory tokens = TMemory.At(Tokens);
        TMemory table = TMemory.At(Table.Memory);
        TLanes step = TLanes.Broadcast(-LearningRate);
        TLanes lastStep = step * TLanes.Ones(((Width - 1) % TLanes.Count) + 1);
        for (int n = 0; n < Examples; n++)
        {
            for (int t = 0; t < Context; t++)
            {
                TMemory source = gradient.From((n * Gradient.RowStride) + (t * Width));
                TMemory target = table.From(tokens.ReadInteger((t * TokenStride) + n) * Table.RowStride);
                for (int e = 0; e < Width; e += TLanes.Count)
                {
                    // What stands behind a row is the next row's.
                    TLanes factor = e + TLanes.Count < Width ? step : lastStep;
                    target.Store(e, TLanes.MultiplyAdd(factor, source.Load(e), target.Load(e)));
                }
            }
        }
    }
}
