using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// A matrix in double, and how far each of its values may be off where it is computed in 32 bits. The bound of a result follows from those
/// of its operands and from the roundings of the operation itself, in whatever order a sum is taken: γ = n·u / (1 - n·u) times the sum of
/// its terms' magnitudes, for n roundings of a term (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 3).
/// </summary>
/// <remarks>A row [1, H] or a column [N, 1] beside a matrix [N, H] stands for all its rows or columns.</remarks>
/// <param name="Value">The values.</param>
/// <param name="Bound">The bounds, of the same shape.</param>
sealed record Rounded(Matrix<double> Value, Matrix<double> Bound)
{
    // Half of the distance from 1 to the next number of 32 bits.
    const double UnitRoundoff = 1.0 / (1 << 24);

    // A result below the smallest normal number, 1.2e-38, loses digits and may become 0.
    const double Underflow = 1.2e-38;

    /// <summary>What is stored in 32 bits already, and computed by nobody.</summary>
    /// <param name="value">The values.</param>
    public static Rounded Exact(Matrix<double> value) => new(value, value * 0);

    /// <summary>γ, the bound on what so many roundings do to a value, as a share of it.</summary>
    /// <param name="roundings">n.</param>
    public static double Gamma(int roundings) => roundings * UnitRoundoff / (1 - (roundings * UnitRoundoff));

    /// <summary>a·b.</summary>
    /// <param name="a">a [M, K].</param>
    /// <param name="b">b [K, N].</param>
    public static Rounded Product(Rounded a, Rounded b)
    {
        Matrix<double> largest = a.Magnitude * b.Magnitude * (1 + Gamma(a.Value.ColumnCount));
        return new(a.Value * b.Value, largest - (a.Value.PointwiseAbs() * b.Value.PointwiseAbs()) + Underflow);
    }

    /// <summary>The transposed matrix.</summary>
    public Rounded Transpose() => new(Value.Transpose(), Bound.Transpose());

    /// <summary>The same values with the other sign.</summary>
    public Rounded Negative() => new(-Value, Bound);

    /// <summary>The sum, value by value.</summary>
    /// <param name="other">The other summand.</param>
    public Rounded Plus(Rounded other) => With(
        other,
        (x, y) => x + y,
        (x, offX, y, offY) => ((offX + offY) * (1 + UnitRoundoff)) + (UnitRoundoff * Math.Abs(x + y)));

    /// <summary>The difference, value by value.</summary>
    /// <param name="other">What is subtracted.</param>
    public Rounded Minus(Rounded other) => Plus(other.Negative());

    /// <summary>The product, value by value.</summary>
    /// <param name="other">The other factor.</param>
    public Rounded Times(Rounded other) => With(
        other,
        (x, y) => x * y,
        (x, offX, y, offY) =>
            (LargestProduct(x, offX, y, offY) * (1 + UnitRoundoff)) - Math.Abs(x * y) + Underflow);

    /// <summary>The product with a number, which is rounded itself.</summary>
    /// <param name="factor">The number.</param>
    public Rounded Times(double factor) => new(
        Value * factor, (Math.Abs(factor) * ((Bound * (1 + Gamma(2))) + (Gamma(2) * Value.PointwiseAbs()))) + Underflow);

    /// <summary>The sum of each column [1, H].</summary>
    public Rounded ColumnSums() => new(
        Value.ColumnSums().ToRowMatrix(),
        (Bound + (Gamma(Value.RowCount) * Magnitude)).ColumnSums().ToRowMatrix());

    /// <summary>The sum of each row [N, 1].</summary>
    public Rounded RowSums() => Transpose().ColumnSums().Transpose();

    /// <summary>A monotonic function of each value.</summary>
    /// <param name="function">The function.</param>
    /// <param name="share">By which share of its result its approximation in 32 bits may be off.</param>
    /// <param name="least">The least value that the operand can have in 32 bits.</param>
    public Rounded Map(Func<double, double> function, double share, double least = double.NegativeInfinity)
    {
        double Off(double x, double off)
        {
            (double low, double value, double high) = (function(Math.Max(x - off, least)), function(x), function(x + off));
            double largest = Math.Max(Math.Abs(low), Math.Abs(high));
            return Math.Max(Math.Abs(low - value), Math.Abs(high - value)) + (share * largest) + Underflow;
        }
        return new(Value.Map(function, Zeros.Include), Value.Map2(Off, Bound, Zeros.Include));
    }

    /// <summary>The same values with other bounds.</summary>
    /// <param name="bound">The bounds.</param>
    public Rounded Within(Matrix<double> bound) => this with { Bound = bound };

    /// <summary>How large each value may be, whichever its sign.</summary>
    public Matrix<double> Magnitude => Value.PointwiseAbs() + Bound;

    // By columns, as MathNet stores them.
    Rounded With(Rounded other, Func<double, double, double> value, Func<double, double, double, double, double> bound)
    {
        (int rows, int columns) = (Value.RowCount, Value.ColumnCount);
        double[] x = Value.ToColumnMajorArray(), offX = Bound.ToColumnMajorArray();
        double[] y = other.Value.ToColumnMajorArray(), offY = other.Bound.ToColumnMajorArray();
        int nextRow = other.Value.RowCount == 1 ? 0 : 1;
        int nextColumn = other.Value.ColumnCount == 1 ? 0 : other.Value.RowCount;
        for (int i = 0; i < x.Length; i++)
        {
            int k = (i % rows * nextRow) + (i / rows * nextColumn);
            (x[i], offX[i]) = (value(x[i], y[k]), bound(x[i], offX[i], y[k], offY[k]));
        }
        return new(Matrix<double>.Build.Dense(rows, columns, x), Matrix<double>.Build.Dense(rows, columns, offX));
    }

    // Nothing times what has no bound is nothing.
    static double LargestProduct(double x, double offX, double y, double offY) =>
        (x == 0 && offX == 0) || (y == 0 && offY == 0) ? 0 : (Math.Abs(x) + offX) * (Math.Abs(y) + offY);
}
