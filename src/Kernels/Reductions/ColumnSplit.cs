using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// How a GPU walks over a matrix by columns: a group takes a block of neighboring columns and a slice of the rows, and its threads stand in rows
/// side by side. Neighboring threads take neighboring columns, so that loads are whole lines of memory, and a long column is shared by as
/// many threads as keep a GPU busy. A column here is what a thread reads at a time: one, or four neighbors.
/// </summary>
/// <param name="Rows">Rows of the matrix.</param>
/// <param name="Columns">Columns of the matrix.</param>
/// <param name="Width">Columns that a group takes side by side, at least 1.</param>
/// <param name="Depth">Rows that a group takes at a time, at least 1.</param>
/// <param name="Slices">Into how many slices the rows are split, at least 1; the last ones may be empty.</param>
readonly record struct ColumnSplit(int Rows, int Columns, int Width, int Depth, int Slices)
{
    /// <summary>The most threads of a group: it bounds the shared memory.</summary>
    public const int MaxThreads = 256;

    /// <summary>The most slices: what they leave of a column is merged by one group.</summary>
    public const int MaxSlices = 256;

    /// <summary>Rows that one thread takes before another group is worth the merging.</summary>
    const int ThreadRows = 16;

    // What a GPU reads from memory at once.
    const int LineBytes = 128;

    /// <summary>The split of a matrix for a launch shape.</summary>
    /// <typeparam name="T">The type of a column's element.</typeparam>
    /// <param name="shape">The launch shape.</param>
    /// <param name="rows">Rows of the matrix, at least 1.</param>
    /// <param name="columns">Columns of the matrix, at least 1.</param>
    public static ColumnSplit For<T>(LaunchShape shape, int rows, int columns)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        int threads = Math.Min(shape.GroupSize, MaxThreads);
        int width = Math.Min(LineBytes / Interop.SizeOf<T>(), threads);
        int depth = threads / width;
        int slices = ((rows - 1) / (depth * ThreadRows)) + 1;
        return new ColumnSplit(rows, columns, width, depth, Math.Min(slices, Math.Min(MaxSlices, shape.MaxGroups)));
    }

    /// <summary>Blocks of columns.</summary>
    public int Blocks { get; } = ((Columns - 1) / Width) + 1;

    /// <summary>Rows of a slice.</summary>
    public int SliceRows { get; } = ((Rows - 1) / Slices) + 1;

    /// <summary>The split of a matrix with a row for each slice of this one, which has a single slice.</summary>
    public ColumnSplit OfSlices => new(Slices, Columns, Width, Depth, Slices: 1);

    /// <summary>One group for each block of each slice; where those are more than the most groups of a launch, a group takes several blocks.</summary>
    /// <param name="shape">The launch shape.</param>
    public KernelConfig Over(LaunchShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new KernelConfig(new Index2D(Math.Clamp(shape.MaxGroups / Slices, 1, Blocks), Slices), new Index2D(Width, Depth));
    }

    /// <summary>Where a thread stands in a block. Kernels walk over the blocks by <see cref="ColumnPosition.FirstBlock"/>.</summary>
    /// <param name="block">The block.</param>
    public ColumnPosition PositionIn(int block)
    {
        int column = (block * Group.DimX) + Group.IdxX;
        int slice = Grid.IdxY;
        int end = IntrinsicMath.Min((slice + 1) * SliceRows, Rows);
        bool works = column < Columns;
        return new ColumnPosition(slice, column, Group.IdxY, works ? (slice * SliceRows) + Group.IdxY : end, end, Group.DimY, works);
    }
}

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
readonly record struct ColumnPosition(int Slice, int Column, int Level, int First, int End, int Step, bool IsActive)
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
