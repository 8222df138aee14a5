using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// One feature of the embedding of a batch: for each example, one value of its token's row of the table. Examples are taken out of the data set by
/// their indices, so that features can be gathered at the same time.
/// </summary>
/// <param name="Contexts">The contexts of the data set [examples of the set, T].</param>
/// <param name="Indices">Which examples.</param>
/// <param name="Table">The table.</param>
/// <param name="Embedded">The result, an example in each lane; 0 in the padding.</param>
/// <param name="Examples">How many examples.</param>
/// <param name="PaddedExamples">Examples with padding.</param>
/// <param name="Context">T.</param>
/// <param name="Place">Which token of the context.</param>
/// <param name="Column">Which value of its row.</param>
public readonly record struct FeatureGather(
    ViewMemory Contexts, ViewMemory Indices, MatrixView Table, ViewMemory Embedded, int Examples, int PaddedExamples, int Context, int Place,
    int Column) : ITileOperation
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory contexts = TMemory.At(Contexts).From(Place);
        TMemory indices = TMemory.At(Indices);
        TMemory column = TMemory.At(Table.Memory).From(Column);
        TMemory embedded = TMemory.At(Embedded);
        for (int n = TLanes.Thread; n < PaddedExamples; n += TLanes.Threads)
        {
            float value = 0f;
            if (n < Examples)
            {
                value = column.Read(contexts.ReadInteger(indices.ReadInteger(n) * Context) * Table.RowStride);
            }
            embedded.Write(n, value);
        }
    }
}
