using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// Moves one row of the embedding table by -learning rate · its gradient: the sum over all places of the batch that hold the row's token. Rows can be moved
/// at the same time: each sums for itself, example by example, so that it needs no atomics and repeats bit for bit. For a warp, whose rows of a batch
/// begin at multiples of 16 bytes.
/// </summary>
/// <param name="Gradient">The gradient of the embedded examples [T·E, …], an example in each column; 0 in the padding.</param>
/// <param name="Tokens">The tokens [T, …], whole numbers, an example in each column.</param>
/// <param name="RowStride">From a row of either to the next.</param>
/// <param name="Row">The table's row [E].</param>
/// <param name="Token">Its token.</param>
/// <param name="Examples">How many examples, with padding: a multiple of four.</param>
/// <param name="Context">T.</param>
/// <param name="Width">E.</param>
/// <param name="LearningRate">The learning rate.</param>
public readonly record struct TableRowUpdate(
    ViewMemory Gradient, ViewMemory Tokens, int RowStride, ViewMemory Row, int Token, int Examples, int Context, int Width, float LearningRate) : ITileOperation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory row = TMemory.At(Row);
        // Each value of the row is one thread's.
        for (int e = TLanes.Thread; e < Width; e += TLanes.Threads)
        {
            float sum = 0f;
            for (int t = 0; t < Context; t++)
            {
                ArrayView<Float4> tokens = Tokens.From(t * RowStride).Fours;
                ArrayView<Float4> gradients = Gradient.From(((t * Width) + e) * RowStride).Fours;
                for (int n = 0; n < Examples / Float4.Count; n++)
                {
                    sum = Add(sum, tokens[n], gradients[n]);
                }
            }
            row.Write(e, row.Read(e) - (LearningRate * sum));
        }
    }

    // All is read, also what is another token's: nothing waits for the token before it asks for the gradient.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Add(float sum, Float4 tokens, Float4 gradient)
    {
        sum += IsOwn(tokens.X) ? gradient.X : 0f;
        sum += IsOwn(tokens.Y) ? gradient.Y : 0f;
        sum += IsOwn(tokens.Z) ? gradient.Z : 0f;
        return sum + (IsOwn(tokens.W) ? gradient.W : 0f);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    bool IsOwn(float token) => (int)Interop.FloatAsInt(token) == Token;
}
