using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

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
public readonly record struct TileEmbeddingUpdate(
    MatrixView Gradient, ViewMemory Tokens, int TokenStride, MatrixView Table, int Examples, int Context, int Width, float LearningRate) : ITileOperation
{
    /// <inheritdoc/>
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
