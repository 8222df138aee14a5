using System.Globalization;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>Values of a device beside those of the reference.</summary>
static class Tensors
{
    /// <summary>The values as a matrix in double precision, row by row.</summary>
    /// <param name="values">The values.</param>
    /// <param name="columns">Columns of the matrix.</param>
    public static Matrix<double> ToMatrix(this float[] values, int columns) =>
        Matrix<double>.Build.Dense(values.Length / columns, columns, (i, j) => values[(i * columns) + j]);

    /// <summary>The values as a vector in double precision.</summary>
    /// <param name="values">The values.</param>
    public static Vector<double> ToVector(this float[] values) => Vector<double>.Build.Dense(values.Length, i => values[i]);

    /// <summary>The values as a device holds them, row by row.</summary>
    /// <param name="matrix">The values.</param>
    public static float[] ToFloats(this Matrix<double> matrix) => Array.ConvertAll(matrix.ToRowMajorArray(), value => (float)value);

    /// <summary>The values as a device holds them.</summary>
    /// <param name="vector">The values.</param>
    public static float[] ToFloats(this Vector<double> vector) => Array.ConvertAll(vector.ToArray(), value => (float)value);

    /// <summary>Checks a matrix.</summary>
    /// <param name="actual">What the device computed.</param>
    /// <param name="expected">What the reference computed.</param>
    /// <param name="tolerance">One of <see cref="Tolerances"/>.</param>
    /// <param name="allowance">Added to the tolerance of each value: what theory says that rounding may do.</param>
    /// <param name="name">What is checked; the compiler fills it in.</param>
    public static void AssertClose(
        float[] actual, Matrix<double> expected, Tolerance tolerance, Matrix<double>? allowance = null,
        [CallerArgumentExpression(nameof(actual))] string? name = null) =>
        AssertClose(actual, expected.ToRowMajorArray(), tolerance, allowance?.ToRowMajorArray(), name, expected.ColumnCount);

    /// <summary>Checks a vector.</summary>
    /// <param name="actual">What the device computed.</param>
    /// <param name="expected">What the reference computed.</param>
    /// <param name="tolerance">One of <see cref="Tolerances"/>.</param>
    /// <param name="allowance">Added to the tolerance of each value: what theory says that rounding may do.</param>
    /// <param name="name">What is checked; the compiler fills it in.</param>
    public static void AssertClose(
        float[] actual, Vector<double> expected, Tolerance tolerance, Vector<double>? allowance = null,
        [CallerArgumentExpression(nameof(actual))] string? name = null) =>
        AssertClose(actual, expected.ToArray(), tolerance, allowance?.ToArray(), name, expected.Count);

    /// <summary>Checks that two results are the same in every bit.</summary>
    /// <param name="actual">One.</param>
    /// <param name="expected">The other.</param>
    /// <param name="name">What is checked; the compiler fills it in.</param>
    public static void AssertSameBits(float[] actual, float[] expected, [CallerArgumentExpression(nameof(actual))] string? name = null)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), name);
        int[] indices = [.. Enumerable.Range(0, actual.Length).Where(i => Bits(actual[i]) != Bits(expected[i]))];
        Assert.That(indices, Is.Empty, $"{name}: indices of the bits that differ");

        static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
    }

    static void AssertClose(float[] actual, double[] expected, Tolerance tolerance, double[]? allowance, string? name, int columns)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), name);
        int faults = 0;
        int worst = 0;
        double worstExcess = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double excess = Excess(actual[i], expected[i], Allowed(i));
            faults += excess > 1 ? 1 : 0;
            (worst, worstExcess) = excess > worstExcess ? (i, excess) : (worst, worstExcess);
        }
        Assert.That(faults, Is.Zero, () => string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {faults} of {actual.Length} values are wrong, the worst at [{worst / columns}, {worst % columns}]: "
            + $"{actual[worst]:g9} instead of {expected[worst]:g9} ± {Allowed(worst):g3}"));

        double Allowed(int i) => tolerance.Absolute + (tolerance.Relative * Math.Abs(expected[i])) + (allowance?[i] ?? 0);
    }

    // The difference in units of what is allowed: beyond 1 it is a fault. NaN is as good as NaN and as nothing else, and an infinity as
    // itself, or as a number that single precision cannot hold.
    static double Excess(float actual, double expected, double allowed)
    {
        if (actual == (float)expected || (float.IsNaN(actual) && double.IsNaN(expected)))
        {
            return 0;
        }
        double excess = Math.Abs(actual - expected) / allowed;
        return double.IsNaN(excess) ? double.PositiveInfinity : excess;
    }
}
