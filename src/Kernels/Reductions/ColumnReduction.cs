using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>Merges what threads and groups know of their rows of a column, always in the same order.</summary>
static class ColumnReduction
{
    /// <summary>Merges the parts of all threads of a group that share a column, as a tree. All threads of the group must call it.</summary>
    /// <typeparam name="TPart">The part.</typeparam>
    /// <param name="own">What this thread knows.</param>
    /// <returns>What the group knows, to each of its threads.</returns>
    public static TPart MergeGroup<TPart>(TPart own)
        where TPart : unmanaged, IPartialSum<TPart>
    {
        ArrayView<TPart> parts = SharedMemory.Allocate<TPart>(ColumnSplit.MaxThreads);
        int width = Group.DimX;
        int depth = Group.DimY;
        int level = Group.IdxY;
        int thread = (level * width) + Group.IdxX;
        parts[thread] = own;

        // A thread reads the part of another one: that must have been written, before the loop or a turn ago. In the loop the barrier comes last:
        // a loop that begins with one goes wrong on PoCL 6.
        Group.Barrier();
        for (int reach = 1; reach < depth; reach *= 2)
        {
            if ((level & ((2 * reach) - 1)) == 0 && level + reach < depth)
            {
                own = own.Merge(parts[thread + (reach * width)]);
                parts[thread] = own;
            }
            Group.Barrier();
        }
        TPart merged = parts[Group.IdxX];

        // The next call writes over the parts: all must have been read.
        Group.Barrier();
        return merged;
    }

    /// <summary>Merges what groups have left of all slices. All threads of the group must call it.</summary>
    /// <typeparam name="TPart">The part.</typeparam>
    /// <param name="parts">The parts [slices, columns].</param>
    /// <param name="slices">How many slices.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="place">Where this thread stands.</param>
    /// <returns>What is known of the whole column, to each thread of the group.</returns>
    public static TPart MergeSlices<TPart>(ArrayView<TPart> parts, int slices, int columns, ColumnPosition place)
        where TPart : unmanaged, IPartialSum<TPart>
    {
        TPart own = default;
        for (int slice = place.IsActive ? place.Level : slices; slice < slices; slice += place.Step)
        {
            own = own.Merge(parts[(slice * columns) + place.Column]);
        }
        return MergeGroup(own);
    }
}

/// <summary>What is known of some rows of a column. Its default is that of no rows.</summary>
/// <typeparam name="TSelf">The part.</typeparam>
interface IPartialSum<TSelf>
    where TSelf : unmanaged, IPartialSum<TSelf>
{
    /// <summary>What is known of the rows of both parts.</summary>
    /// <param name="other">The part of other rows of the same column.</param>
    TSelf Merge(TSelf other);
}

/// <summary>A sum over some rows of a column.</summary>
/// <typeparam name="T">The lanes.</typeparam>
/// <param name="Value">The sum.</param>
readonly record struct ColumnSum<T>(T Value) : IPartialSum<ColumnSum<T>>
    where T : unmanaged, ILanes<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnSum<T> Merge(ColumnSum<T> other) => new(Value + other.Value);
}

/// <summary>Two sums over the same rows of a column.</summary>
/// <typeparam name="T">The lanes.</typeparam>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
readonly record struct ColumnSumPair<T>(T First, T Second) : IPartialSum<ColumnSumPair<T>>
    where T : unmanaged, ILanes<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnSumPair<T> Merge(ColumnSumPair<T> other) => new(First + other.First, Second + other.Second);
}
