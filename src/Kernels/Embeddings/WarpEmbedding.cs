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
readonly record struct WarpEmbeddingGather(
    ViewMemory Tokens, MatrixView Table, ViewMemory Embedded, int Examples, int PaddedExamples, int Column) : ITileOperation
{
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

/// <summary>
/// Moves up to four values of a row of the embedding table by -learning rate · their gradient: the sum over all places of the batch that hold the row's
/// token. Rows can be moved at the same time: each sums for itself in one order, so that it needs no atomics and repeats bit for bit.
/// </summary>
/// <param name="Gradient">The gradient of the embedded examples [T·E, …], an example in each column, from the first of these values on.</param>
/// <param name="TokenStride">From a token's gradient to that of the next token of the context.</param>
/// <param name="Tokens">The tokens [T, …], whole numbers, an example in each column.</param>
/// <param name="RowStride">From a row of either to the next.</param>
/// <param name="Row">The values of the table's row.</param>
/// <param name="Columns">How many, at most four.</param>
/// <param name="Token">The row's token.</param>
/// <param name="Examples">How many examples.</param>
/// <param name="Context">T.</param>
/// <param name="LearningRate">The learning rate.</param>
readonly record struct WarpEmbeddingUpdate(
    ViewMemory Gradient, int TokenStride, ViewMemory Tokens, int RowStride, ViewMemory Row, int Columns, int Token, int Examples, int Context,
    float LearningRate) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory row = TMemory.At(Row);
        Float4 sum = default;
        // Examples are shared by the threads.
        for (int n = TLanes.Thread; n < Examples; n += TLanes.Threads)
        {
            for (int t = 0; t < Context; t += 4)
            {
                sum = sum + At<TLanes, TMemory>(t, n) + At<TLanes, TMemory>(t + 1, n) + At<TLanes, TMemory>(t + 2, n) + At<TLanes, TMemory>(t + 3, n);
            }
        }
        sum = new(TLanes.SumThreads(sum.X), TLanes.SumThreads(sum.Y), TLanes.SumThreads(sum.Z), TLanes.SumThreads(sum.W));
        for (int e = TLanes.Thread; e < Columns; e += TLanes.Threads)
        {
            row.Write(e, row.Read(e) - (LearningRate * sum.At(e)));
        }
    }

    // All is read, also what is another token's: nothing waits for the token before it asks for the gradient.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Float4 At<TLanes, TMemory>(int place, int example)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int columns = place < Context ? Columns : 0;
        TMemory gradient = TMemory.At(Gradient).From((place * TokenStride) + example);
        int token = columns > 0 ? TMemory.At(Tokens).ReadInteger((place * RowStride) + example) : Token;
        var values = new Float4(
            columns > 0 ? gradient.Read(0) : 0f, columns > 1 ? gradient.Read(RowStride) : 0f, columns > 2 ? gradient.Read(2 * RowStride) : 0f,
            columns > 3 ? gradient.Read(3 * RowStride) : 0f);
        return token == Token ? values : default;
    }
}
