using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>The product, or a part of it, in global memory. What a tile computes beyond its sizes is dropped.</summary>
/// <param name="Values">The values, row by row.</param>
/// <param name="M">How many rows.</param>
/// <param name="N">How many columns.</param>
/// <param name="IsAligned">1 where every row begins at a multiple of 16 bytes, else 0.</param>
readonly record struct OutputMatrix(ArrayView<float> Values, int M, int N, int IsAligned)
{
    /// <summary>Stores a value.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, float value)
    {
        if (row < M && column < N)
        {
            Values[(row * N) + column] = value;
        }
    }

    /// <summary>Stores four values side by side.</summary>
    /// <param name="row">Their row.</param>
    /// <param name="column">The column of the first, a multiple of 4.</param>
    /// <param name="values">The values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, Float4 values)
    {
        if (IsAligned == 0)
        {
            Store(row, column, values.X);
            Store(row, column + 1, values.Y);
            Store(row, column + 2, values.Z);
            Store(row, column + 3, values.W);
        }
        else if (row < M && column < N)
        {
            Values.Cast<Float4>()[((row * N) + column) / 4] = values;
        }
    }
}
