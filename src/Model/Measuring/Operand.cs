using System.Globalization;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>What an operation reads or writes: a row-major matrix, on the host and on the accelerator.</summary>
/// <typeparam name="T">The type of an element.</typeparam>
/// <param name="kernels">The kernels, for their accelerator.</param>
/// <param name="rows">Rows of the matrix; 1 for a vector.</param>
/// <param name="values">The values, which are copied to the accelerator.</param>
sealed class Operand<T>(KernelSet kernels, int rows, T[] values) : IOperand
    where T : unmanaged
{
    readonly MemoryBuffer1D<T, Stride1D.Dense> buffer = kernels.Accelerator.Allocate1D(kernels.Stream, values);
    Matrix<double>? matrix;
    Vector<double>? vector;

    /// <summary>The values on the host.</summary>
    public T[] Values => values;

    /// <summary>The values on the accelerator.</summary>
    public ArrayView<T> View => buffer.View;

    /// <summary>The values as a matrix of MathNet's, made once.</summary>
    public Matrix<double> Matrix => matrix ??= Matrix<double>.Build.DenseOfRowMajor(
        rows, values.Length / rows, values.Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture)));

    /// <summary>The values of a vector as one of MathNet's, made once.</summary>
    public Vector<double> Vector => vector ??= Matrix.Row(0);

    /// <inheritdoc/>
    public void CopyToAccelerator() => View.CopyFromCPU(kernels.Stream, values);

    /// <inheritdoc/>
    public void CopyToHost() => View.CopyToCPU(kernels.Stream, values);

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();
}

/// <summary>An operand of any type, for its copies.</summary>
interface IOperand : IDisposable
{
    /// <summary>Starts the copy from the host to the accelerator.</summary>
    void CopyToAccelerator();

    /// <summary>Starts the copy from the accelerator to the host.</summary>
    void CopyToHost();
}
