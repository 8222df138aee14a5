namespace Makemore.Gpu.Model.Checking;

/// <summary>How two values of a tensor may differ: |actual - expected| &lt;= absolute + relative·|expected|.</summary>
/// <param name="Absolute">The absolute part.</param>
/// <param name="Relative">The relative part.</param>
public sealed record Tolerance(double Absolute, double Relative)
{
    /// <summary>For values of a forward pass in 32 bits.</summary>
    public static Tolerance Forward { get; } = new(2e-6, 2e-6);

    /// <summary>For gradients in 32 bits.</summary>
    public static Tolerance Gradient { get; } = new(1e-7, 1e-5);

    /// <summary>The tolerance for a tensor by its name: gradients end in <c>.grad</c>.</summary>
    /// <param name="name">The name.</param>
    public static Tolerance For(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(".grad", StringComparison.Ordinal) ? Gradient : Forward;
    }

    /// <summary>Tells whether a value is near enough. Two NaN are, and two infinities of one sign; either and a number are not.</summary>
    /// <param name="actual">The value.</param>
    /// <param name="expected">What it should be.</param>
    public bool Holds(double actual, double expected) =>
        actual.Equals(expected)
        || (double.IsFinite(expected) && Math.Abs(actual - expected) <= Absolute + (Relative * Math.Abs(expected)));
}

/// <summary>A tensor compared with what it should be, as the lecture's <c>cmp</c> does.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Exact">Whether all values are the same 32-bit numbers.</param>
/// <param name="Approximate">Whether all values lie within the tolerance.</param>
/// <param name="MaxDifference">The largest difference; NaN where one value is NaN and the other not.</param>
public sealed record TensorComparison(string Name, bool Exact, bool Approximate, double MaxDifference)
{
    /// <summary>Compares a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="actual">Its values.</param>
    /// <param name="expected">What they should be.</param>
    /// <param name="tolerance">How they may differ.</param>
    public static TensorComparison Of(string name, IReadOnlyList<float> actual, IReadOnlyList<double> expected, Tolerance tolerance)
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(tolerance);
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Count, expected.Count, nameof(actual));
        bool exact = true;
        bool approximate = true;
        double largest = 0;
        for (int i = 0; i < actual.Count; i++)
        {
            exact &= actual[i].Equals((float)expected[i]);
            approximate &= tolerance.Holds(actual[i], expected[i]);
            double difference = actual[i].Equals((float)expected[i]) && !double.IsFinite(expected[i])
                ? 0
                : Math.Abs(actual[i] - expected[i]);
            largest = double.IsNaN(difference) || double.IsNaN(largest) ? double.NaN : Math.Max(largest, difference);
        }
        return new TensorComparison(name, exact, approximate, largest);
    }
}
