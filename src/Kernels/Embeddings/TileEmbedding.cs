using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// The embedding of some examples in the fused kernel by threads: the rows of an example's tokens side by side.
/// </summary>
/// <remarks>
/// Rows are copied in whole vectors. A vector that extends past the end of a row is overwritten by the next row; the last row of the result
/// has padding behind it.
/// </remarks>
/// <param name="Table">The table [V, E], rows padded to whole vectors.</param>
/// <param name="Tokens">The tokens [T, examples], integers.</param>
/// <param name="TokenStride">The row stride of the tokens.</param>
/// <param name="Embedded">The result [examples, T·E].</param>
/// <param name="Examples">The number of examples.</param>
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
/// The update of the embedding table in the fused kernel by threads: table -= learning rate · gradient, example by example. A single thread
/// runs it, so it needs no atomics and repeats bit for bit.
/// </summary>
/// <param name="Gradient">The gradient of the embedded examples [examples, T·E], each row followed by padding of a vector.</param>
/// <param name="Tokens">The tokens [T, examples], integers.</param>
/// <param name="TokenStride">The row stride of the tokens.</param>
/// <param name="Table">The table [V, E], rows padded to whole vectors; updated.</param>
/// <param name="Examples">The number of examples.</param>
/// <param name="Context">T.</param>
/// <param name="Width">E.</param>
/// <param name="LearningRate">The learning rate.</param>
readonly record struct TileEmbeddingUpdate(
    MatrixView Gradient, ViewMemory Tokens, int TokenStride, MatrixView Table, int Examples, int Context, int Width,
    float LearningRate) : ITileOperation
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
                    // The last vector of a row of the gradient extends into the next row: there the factor is 0.
                    TLanes factor = e + TLanes.Count < Width ? step : lastStep;
                    target.Store(e, TLanes.MultiplyAdd(factor, source.Load(e), target.Load(e)));
                }
            }
        }
    }
}
