using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// A matrix in the middle of other memory, which nobody may write: neither before and after it nor between its rows. Behind each row's
/// values may lie padding, which may be written.
/// </summary>
sealed class GuardedMatrix : IDeviceArray
{
    readonly DeviceArray<float> memory;
    readonly float[] initial;
    readonly int rows;
    readonly int columns;
    readonly int padding;
    readonly int stride;
    readonly int start;

    /// <summary>Puts a matrix on a device.</summary>
    /// <param name="bench">The device.</param>
    /// <param name="values">The values, row by row.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="padding">How many values of padding each row has.</param>
    /// <param name="paddingValue">What the padding holds.</param>
    /// <param name="stride">From a row to the next; null where they follow each other.</param>
    /// <param name="alignment">What the offset of each row is a multiple of.</param>
    public GuardedMatrix(
        TestBench bench, float[] values, int columns,
        int padding = 0, float paddingValue = float.NaN, int? stride = null, int alignment = 1)
    {
        // Odd where it may be, so that no row begins where a whole vector does.
        start = alignment == 1 ? 3 : alignment;
        this.columns = columns;
        this.padding = padding;
        this.stride = ((stride ?? columns + padding) + alignment - 1) / alignment * alignment;
        rows = values.Length / columns;
        // Whole rows behind the last: what goes too far is seen, and does not end the process.
        initial = [.. Enumerable.Range(0, start + ((rows + 4) * this.stride)).Select(Guard.Value)];
        for (int i = 0; i < initial.Length; i++)
        {
            (int row, int column) = Position(i);
            initial[i] = IsValue(row, column) ? values[(row * columns) + column] : IsPadding(row, column) ? paddingValue : initial[i];
        }
        memory = new DeviceArray<float>(bench, initial, Guard.Value);
    }

    /// <summary>The memory from the first value on.</summary>
    public ViewMemory Memory => new(memory, start);

    /// <summary>The matrix as tile operations take it.</summary>
    public MatrixView View => new(Memory, stride);

    /// <summary>The values, row by row.</summary>
    public float[] Read() => Select(memory.Read(), IsValue);

    /// <summary>What the padding holds, row by row.</summary>
    public float[] ReadPadding() => Select(memory.Read(), IsPadding);

    /// <inheritdoc/>
    public void AssertGuarded() =>
        Tensors.AssertSameBits(Select(memory.Read(), IsGuard), Select(initial, IsGuard), "elements around the matrix");

    /// <summary>Fails where a value, the padding or the memory around is not what it was at first.</summary>
    public void AssertUnchanged() => Tensors.AssertSameBits(memory.Read(), initial, "an operand that is not a target");

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    float[] Select(float[] all, Func<int, int, bool> isWanted) =>
        [.. all.Where((_, i) => Position(i) is var (row, column) && isWanted(row, column))];

    (int Row, int Column) Position(int i) => i < start ? (-1, i) : Math.DivRem(i - start, stride);

    bool IsValue(int row, int column) => row >= 0 && row < rows && column < columns;

    bool IsPadding(int row, int column) => row >= 0 && row < rows && column >= columns && column < columns + padding;

    bool IsGuard(int row, int column) => !IsValue(row, column) && !IsPadding(row, column);
}
