namespace Makemore.Gpu.Model.Checking;

/// <summary>A tensor compared with what it should be, as the lecture's <c>cmp</c> does.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Exact">Whether all values are the same 32-bit numbers.</param>
/// <param name="Approximate">Whether all values lie within the tolerance.</param>
/// <param name="MaxDifference">The largest difference; NaN where one value is NaN and the other not.</param>
/// <param name="Ulps">
/// The largest difference in units in the last place: divided by the distance between neighboring 32-bit numbers at the largest finite
/// magnitude of what is expected. A sum of like terms is off by a few of them, by rounding alone.
/// </param>
sealed record TensorComparison(string Name, bool Exact, bool Approximate, double MaxDifference, double Ulps)
{
    /// <summary>Compares a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="actual">Its values.</param>
    /// <param name="expected">What they should be.</param>
    /// <param name="tolerance">How they may differ.</param>
    public static TensorComparison Of(string name, IReadOnlyList<float> actual, IReadOnlyList<double> expected, Tolerance tolerance)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(tolerance);
        return Of(name, actual, expected, [.. expected.Select(tolerance.At)]);
    }

    /// <summary>Compares a tensor whose values have bounds of their own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="actual">Its values.</param>
    /// <param name="expected">What they should be.</param>
    /// <param name="bounds">How far each may be from that.</param>
    public static TensorComparison Of(
        string name, IReadOnlyList<float> actual, IReadOnlyList<double> expected, IReadOnlyList<double> bounds)
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Count, expected.Count, nameof(actual));
        ArgumentOutOfRangeException.ThrowIfNotEqual(bounds.Count, expected.Count, nameof(bounds));
        bool exact = true;
        bool approximate = true;
        double largest = 0;
        double magnitude = 0;
        for (int i = 0; i < actual.Count; i++)
        {
            exact &= actual[i].Equals((float)expected[i]);
            approximate &= IsNear(actual[i], expected[i], bounds[i]);
            double difference = actual[i].Equals((float)expected[i]) && !double.IsFinite(expected[i])
                ? 0
                : Math.Abs(actual[i] - expected[i]);
            magnitude = double.IsFinite(expected[i]) ? Math.Max(magnitude, Math.Abs(expected[i])) : magnitude;
            largest = double.IsNaN(difference) || double.IsNaN(largest) ? double.NaN : Math.Max(largest, difference);
        }
        return new TensorComparison(name, exact, approximate, largest, largest / Spacing((float)magnitude));
    }

    // Two NaN are near each other, and two infinities of one sign; either and a number are not.
    internal static bool IsNear(double actual, double expected, double bound) =>
        actual.Equals(expected) || (double.IsFinite(expected) && Math.Abs(actual - expected) <= bound);

    // The unit in the last place, as IEEE 754 lays 32-bit numbers out: 24 significant bits, and no exponent below -126.
    static double Spacing(float magnitude) => Math.ScaleB(1, Math.Max(Math.ILogB(magnitude), -126) - 23);
}
