using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// How the groups of a GPU traverse a matrix [rows, columns] to reduce its columns or to take values per column. Groups are
/// two-dimensional: neighboring threads take neighboring columns, so accesses are coalesced, and the rows of a column are shared by the
/// threads of a group and by the groups of all slices.
/// </summary>
/// <remarks>
/// <code>
///              block of columns 0   block of columns 1
///              +------------------+------------------+
///  slice 0 of  | group (0, 0)     | group (1, 0)     |   A group is GroupColumns x GroupRows threads. It steps down
///  the rows    |                  |                  |   its slice by GroupRows rows, then takes the block that is
///              +------------------+------------------+   Grid.DimX further right, if there is one.
///  slice 1 of  | group (0, 1)     | group (1, 1)     |
///  the rows    |                  |                  |
///              +------------------+------------------+
/// </code>
/// A column here is what a thread reads at a time: a float, or a quad of neighboring floats.
/// </remarks>
/// <param name="Rows">Rows of the matrix.</param>
/// <param name="Columns">Columns of the matrix.</param>
/// <param name="GroupColumns">Columns of a block: threads of a group along a row, at least 1.</param>
/// <param name="GroupRows">Rows that a group takes at a time: threads of a group down a column, at least 1.</param>
/// <param name="Slices">The number of slices of the rows, at least 1; the last ones may be empty.</param>
readonly record struct ColumnSplit(int Rows, int Columns, int GroupColumns, int GroupRows, int Slices)
{
    /// <summary>Maximum threads per group. It bounds the shared memory of a reduction.</summary>
    public const int MaxThreads = 256;

    /// <summary>Maximum slices of the rows: one group merges the partial sums that they leave of a column.</summary>
    public const int MaxSlices = 256;

    // Rows per thread from which another group is worth the merging of its partial sums.
    const int RowsPerThread = 16;

    // Bytes of a GPU's cache line.
    const int LineBytes = 128;

    /// <summary>The split of a matrix, with at least one row and one column of type <typeparamref name="T"/>.</summary>
    public static ColumnSplit For<T>(LaunchShape shape, int rows, int columns)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shape);
        int threads = Math.Min(shape.GroupSize, MaxThreads);
        int groupColumns = Math.Min(LineBytes / Interop.SizeOf<T>(), threads);
        int groupRows = threads / groupColumns;
        int slices = ((rows - 1) / (groupRows * RowsPerThread)) + 1;
        return new ColumnSplit(rows, columns, groupColumns, groupRows, Math.Min(slices, Math.Min(MaxSlices, shape.MaxGroups)));
    }

    /// <summary>The number of blocks of columns.</summary>
    public int Blocks { get; } = ((Columns - 1) / GroupColumns) + 1;

    /// <summary>Rows of a slice.</summary>
    public int SliceRows { get; } = ((Rows - 1) / Slices) + 1;

    /// <summary>The split of the partial sums [slices, columns] that this one leaves: a matrix that is not sliced again.</summary>
    public ColumnSplit OfSlices => new(Slices, Columns, GroupColumns, GroupRows, Slices: 1);

    /// <summary>
    /// One group per block of columns and slice of the rows, up to the maximum of a launch; beyond that a group takes several blocks.
    /// </summary>
    public KernelConfig Over(LaunchShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new KernelConfig(
            new Index2D(Math.Clamp(shape.MaxGroups / Slices, 1, Blocks), Slices), new Index2D(GroupColumns, GroupRows));
    }

    /// <summary>
    /// The position of the calling thread in a block of columns. Kernels loop over blocks from <see cref="ColumnPosition.FirstBlock"/>.
    /// </summary>
    public ColumnPosition PositionIn(int block)
    {
        int column = (block * Group.DimX) + Group.IdxX;
        int slice = Grid.IdxY;
        int end = IntrinsicMath.Min((slice + 1) * SliceRows, Rows);
        bool isActive = column < Columns;
        return new ColumnPosition(slice, column, Group.IdxY, isActive ? (slice * SliceRows) + Group.IdxY : end, end, Group.DimY, isActive);
    }
}

/// <summary>
/// The position of a thread in a block of columns. Its rows are
/// <c>for (int row = position.First; row &lt; position.End; row += position.Step)</c>, none where the block has no column for it.
/// </summary>
/// <param name="Slice">The slice of the rows.</param>
/// <param name="Column">The thread's column.</param>
/// <param name="GroupRow">The thread's index among those of its group that share the column.</param>
/// <param name="First">The thread's first row.</param>
/// <param name="End">The end of the slice of the rows, exclusive.</param>
/// <param name="Step">The distance from one of the thread's rows to the next.</param>
/// <param name="IsActive">Whether the thread has a column: not so past the end of the last block.</param>
readonly record struct ColumnPosition(int Slice, int Column, int GroupRow, int First, int End, int Step, bool IsActive)
{
    /// <summary>The group's first block of columns; the next ones follow at <see cref="BlockStride"/>.</summary>
    public static int FirstBlock => Grid.IdxX;

    /// <summary>The distance from one of the group's blocks of columns to the next.</summary>
    public static int BlockStride => Grid.DimX;

    /// <summary>Whether this thread writes the result of its slice of a column.</summary>
    public bool IsSliceLeader => IsActive && GroupRow == 0;

    /// <summary>Whether this thread writes the result of a whole column.</summary>
    public bool IsColumnLeader => IsSliceLeader && Slice == 0;
}
