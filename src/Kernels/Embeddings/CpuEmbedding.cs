using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary><c>Embedding.Forward</c> on a processor. Workers share the rows of y.</summary>
/// <param name="Table">C [V, E].</param>
/// <param name="Tokens">Tokens [N·T].</param>
/// <param name="Count">N·T.</param>
/// <param name="Width">E.</param>
/// <param name="Y">The rows [N·T, E].</param>
readonly record struct CpuEmbeddingForward(ViewMemory Table, ViewMemory Tokens, int Count, int Width, ViewMemory Y) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory table = TMemory.At(Table);
        TMemory tokens = TMemory.At(Tokens);
        (int first, int end) = worker.Share(Count);
        TMemory y = TMemory.At(Y).From((long)first * Width);
        for (int i = first; i < end; i++)
        {
            TMemory row = table.From((long)tokens.ReadInteger(i) * Width);
            for (int e = 0; e < Width; e += TLanes.Count)
            {
                y.StorePartial(e, Width - e, row.LoadPartial(e, Width - e));
            }
            y = y.From(Width);
        }
    }
}

/// <summary>
/// <c>Embedding.Backward</c> on a processor. Workers share the rows of the table: each reads all tokens, and adds the gradients of
/// those that are its own, in their order.
/// </summary>
/// <param name="Tokens">Tokens [N·T].</param>
/// <param name="DY">The gradient of the rows [N·T, E].</param>
/// <param name="Count">N·T.</param>
/// <param name="Width">E.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="DTable">The gradient of C [V, E].</param>
readonly record struct CpuEmbeddingBackward(ViewMemory Tokens, ViewMemory DY, int Count, int Width, int Vocabulary, ViewMemory DTable)
    : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory tokens = TMemory.At(Tokens);
        TMemory dTable = TMemory.At(DTable);
        (int first, int end) = worker.Share(Vocabulary);
        for (int i = first * Width; i < end * Width; i += TLanes.Count)
        {
            dTable.StorePartial(i, (end * Width) - i, default);
        }
        TMemory dy = TMemory.At(DY);
        for (int i = 0; i < Count; i++)
        {
            int token = tokens.ReadInteger(i);
            if (token >= first && token < end)
            {
                TMemory row = dTable.From((long)token * Width);
                for (int e = 0; e < Width; e += TLanes.Count)
                {
                    row.StorePartial(e, Width - e, row.LoadPartial(e, Width - e) + dy.LoadPartial(e, Width - e));
                }
            }
            dy = dy.From(Width);
        }
    }
}
