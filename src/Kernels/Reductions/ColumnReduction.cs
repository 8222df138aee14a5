using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// Reductions over columns on a GPU: of the threads of a group, by a tree in shared memory, and of the slices that groups have left in
/// global memory. The order is fixed, so results repeat bit for bit.
/// </summary>
static class ColumnReduction
{
    /// <summary>
    /// A tree reduction of the partial sums of all threads of a group that share a column. All threads of the group must call it; each gets
    /// the result of its column.
    /// </summary>
    /// <param name="own">This thread's partial sum.</param>
    public static TPartial MergeGroup<TPartial>(TPartial own)
        where TPartial : unmanaged, IPartialSum<TPartial>
    {
        ArrayView<TPartial> partials = SharedMemory.Allocate<TPartial>(ColumnSplit.MaxThreads);
        int groupColumns = Group.DimX;
        int groupRows = Group.DimY;
        int groupRow = Group.IdxY;
        int thread = (groupRow * groupColumns) + Group.IdxX;
        partials[thread] = own;

        // A step of the tree reads another thread's partial sum: the first step must not read it before the write above.
        Group.Barrier();
        for (int distance = 1; distance < groupRows; distance *= 2)
        {
            if ((groupRow & ((2 * distance) - 1)) == 0 && groupRow + distance < groupRows)
            {
                own = own.Merge(partials[thread + (distance * groupColumns)]);
                partials[thread] = own;
            }

            // The next step, or the read of the result, must not read a partial sum before this step's write. The barrier stands last:
            // a loop that begins with a barrier goes wrong on PoCL 6.
            Group.Barrier();
        }
        TPartial merged = partials[Group.IdxX];

        // The next call overwrites the shared memory: it must not do so before all threads have read their result.
        Group.Barrier();
        return merged;
    }

    /// <summary>
    /// Reduces the partial sums of all slices of the rows. All threads of the group must call it; each gets the result of its column.
    /// </summary>
    /// <param name="partials">Partial sums [slices, columns].</param>
    /// <param name="slices">The number of slices.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="position">The thread's position.</param>
    public static TPartial MergeSlices<TPartial>(ArrayView<TPartial> partials, int slices, int columns, ColumnPosition position)
        where TPartial : unmanaged, IPartialSum<TPartial>
    {
        TPartial own = default;
        for (int slice = position.IsActive ? position.GroupRow : slices; slice < slices; slice += position.Step)
        {
            own = own.Merge(partials[(slice * columns) + position.Column]);
        }
        return MergeGroup(own);
    }
}

/// <summary>What a reduction knows of some rows of a column: a sum, or moments. The default value is that of no rows.</summary>
interface IPartialSum<TSelf>
    where TSelf : unmanaged, IPartialSum<TSelf>
{
    /// <summary>Combines the partial sums of different rows of a column.</summary>
    TSelf Merge(TSelf other);
}

/// <summary>The sum of some rows of a column.</summary>
readonly record struct ColumnSum<T>(T Value) : IPartialSum<ColumnSum<T>>
    where T : unmanaged, ILanes<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnSum<T> Merge(ColumnSum<T> other) => new(Value + other.Value);
}

/// <summary>Two sums over the same rows of a column, such as those of dy and of dy · x̂.</summary>
readonly record struct ColumnSumPair<T>(T First, T Second) : IPartialSum<ColumnSumPair<T>>
    where T : unmanaged, ILanes<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnSumPair<T> Merge(ColumnSumPair<T> other) => new(First + other.First, Second + other.Second);
}
