using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// Moves one row of the embedding table by -learning rate · its gradient: the sum over all places of the batch that hold the row's token. Rows can be moved
/// at the same time: each sums for itself, example by example, so that it needs no atomics and repeats bit for bit.
/// </summary>
/// <param name="Gradient">The gradient of the embedded examples [T·E, …], an example in each column.</param>
/// <param name="Tokens">The tokens [T, …], whole numbers, an example in each column.</param>
/// <param name="RowStride">From a row of either to the next.</param>
/// <param name="Row">The table's row [E].</param>
/// <param name="Token">Its token.</param>
/// <param name="Examples">How many examples.</param>
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
        TMemory gradient = TMemory.At(Gradient);
        TMemory tokens = TMemory.At(Tokens);
        TMemory row = TMemory.At(Row);
        // Each value of the row is one thread's. All look for the token together, and then each takes its own gradient.
        for (int e = TLanes.Thread; e < Width; e += TLanes.Threads)
        {
            float sum = 0f;
            for (int t = 0; t < Context; t++)
            {
                sum = Add<TLanes, TMemory>(sum, tokens.From(t * RowStride), gradient.From(((t * Width) + e) * RowStride));
            }
            row.Write(e, row.Read(e) - (LearningRate * sum));
        }
    }

    // Four tokens are on their way at a time: most are another's, and nothing is done with them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Add<TLanes, TMemory>(float sum, TMemory tokens, TMemory gradient)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int n = 0;
        for (; n + 4 <= Examples; n += 4)
        {
            int first = tokens.ReadInteger(n), second = tokens.ReadInteger(n + 1), third = tokens.ReadInteger(n + 2), fourth = tokens.ReadInteger(n + 3);
            if (first == Token)
            {
                sum += gradient.Read(n);
            }
            if (second == Token)
            {
                sum += gradient.Read(n + 1);
            }
            if (third == Token)
            {
                sum += gradient.Read(n + 2);
            }
            if (fourth == Token)
            {
                sum += gradient.Read(n + 3);
            }
        }
        for (; n < Examples; n++)
        {
            if (tokens.ReadInteger(n) == Token)
            {
                sum += gradient.Read(n);
            }
        }
        return sum;
    }
}
