using ILGPU;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// Where a thread stands in a block of columns. Its rows are <c>for (int row = place.First; row &lt; place.End; row += place.Step)</c>, none where
/// the block has no column for it.
/// </summary>
/// <param name="Slice">The slice of the rows.</param>
/// <param name="Column">The column.</param>
/// <param name="Level">Which of the threads of the column it is.</param>
/// <param name="First">Its first row.</param>
/// <param name="End">The end of the slice.</param>
/// <param name="Step">From one of its rows to the next.</param>
/// <param name="IsActive">Whether there is a column for it.</param>
public readonly record struct ColumnPosition(int Slice, int Column, int Level, int First, int End, int Step, bool IsActive)
{
    /// <summary>The first block of a group; the next ones follow at <see cref="BlockStride"/>.</summary>
    public static int FirstBlock => Grid.IdxX;

    /// <summary>How far the group's next block is.</summary>
    public static int BlockStride => Grid.DimX;

    /// <summary>Whether this thread writes what its group has found of the column.</summary>
    public bool IsSliceLeader => IsActive && Level == 0;

    /// <summary>Whether this thread writes what all groups have found of the column.</summary>
    public bool IsColumnLeader => IsSliceLeader && Slice == 0;
}
