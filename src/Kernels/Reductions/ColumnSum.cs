using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>A sum over some rows of a column.</summary>
/// <typeparam name="T">The lanes.</typeparam>
/// <param name="Value">The sum.</param>
public readonly record struct ColumnSum<T>(T Value) : IPartialSum<ColumnSum<T>>
    where T : unmanaged, ILanes<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnSum<T> Merge(ColumnSum<T> other) => new(Value + other.Value);
}

/// <summary>Two sums over the same rows of a column.</summary>
/// <typeparam name="T">The lanes.</typeparam>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
public readonly record struct ColumnSumPair<T>(T First, T Second) : IPartialSum<ColumnSumPair<T>>
    where T : unmanaged, ILanes<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnSumPair<T> Merge(ColumnSumPair<T> other) => new(First + other.First, Second + other.Second);
}
