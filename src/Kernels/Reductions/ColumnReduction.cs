using ILGPU;

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
