using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// One feature of the embedding of a batch in the fused kernel by warps: for each example, one value of its token's row of the table.
/// </summary>
/// <param name="Tokens">The examples' tokens at one position of the context, integers.</param>
/// <param name="Table">The table [V, E].</param>
/// <param name="Embedded">The result, an example per lane; 0 in the padding.</param>
/// <param name="Examples">The number of examples.</param>
/// <param name="PaddedExamples">The number of examples with padding.</param>
/// <param name="Column">The column of the table.</param>
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
/// The update of up to a float4 of one row of the embedding table in the fused kernel by warps: row -= learning rate · gradient, which sums
/// over all positions of the batch that hold the row's token. One warp owns the row's values and sums in a fixed order, so rows can be
/// updated concurrently, without atomics, and results repeat bit for bit.
/// </summary>
/// <param name="Gradient">The gradient of the embedded examples [T·E, examples], from the row of the first of these values on.</param>
/// <param name="PositionStride">The distance from the gradient of one position of the context to that of the next.</param>
/// <param name="Tokens">The tokens [T, examples], integers.</param>
/// <param name="RowStride">The row stride of gradient and tokens.</param>
/// <param name="Row">The values of the table's row; updated.</param>
/// <param name="Columns">The number of values, at most 4.</param>
/// <param name="Token">The row's token.</param>
/// <param name="Examples">The number of examples.</param>
/// <param name="Context">T.</param>
/// <param name="LearningRate">The learning rate.</param>
readonly record struct WarpEmbeddingUpdate(
    ViewMemory Gradient, int PositionStride, ViewMemory Tokens, int RowStride, ViewMemory Row, int Columns, int Token, int Examples,
    int Context, float LearningRate) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory row = TMemory.At(Row);
        Float4 sum = default;
        // Each lane sums its examples; the lanes' partial sums are added below.
        for (int n = TLanes.Thread; n < Examples; n += TLanes.Threads)
        {
            for (int t = 0; t < Context; t += 4)
            {
                sum = sum + GradientAt<TLanes, TMemory>(t, n) + GradientAt<TLanes, TMemory>(t + 1, n)
                    + GradientAt<TLanes, TMemory>(t + 2, n) + GradientAt<TLanes, TMemory>(t + 3, n);
            }
        }
        sum = new(TLanes.SumThreads(sum.X), TLanes.SumThreads(sum.Y), TLanes.SumThreads(sum.Z), TLanes.SumThreads(sum.W));
        for (int e = TLanes.Thread; e < Columns; e += TLanes.Threads)
        {
            row.Write(e, row.Read(e) - (LearningRate * sum.At(e)));
        }
    }

    // The gradient is also loaded where the token is another one: its loads do not wait for the token, which hides their latency.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Float4 GradientAt<TLanes, TMemory>(int position, int example)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int columns = position < Context ? Columns : 0;
        TMemory gradient = TMemory.At(Gradient).From((position * PositionStride) + example);
        int token = columns > 0 ? TMemory.At(Tokens).ReadInteger((position * RowStride) + example) : Token;
        var values = new Float4(
            columns > 0 ? gradient.Read(0) : 0f, columns > 1 ? gradient.Read(RowStride) : 0f,
            columns > 2 ? gradient.Read(2 * RowStride) : 0f, columns > 3 ? gradient.Read(3 * RowStride) : 0f);
        return token == Token ? values : default;
    }
}
