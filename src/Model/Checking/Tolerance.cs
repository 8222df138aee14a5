using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>How two values of a tensor may differ: |actual - expected| &lt;= absolute + relative·|expected|.</summary>
/// <param name="Absolute">The absolute part.</param>
/// <param name="Relative">The relative part.</param>
public sealed record Tolerance(double Absolute, double Relative)
{
    // What the tolerances are made for: so many examples, sums of at most so many terms, and no standard deviation below 1/2.
    const double LectureExamples = 32;
    const double LectureTerms = 64;
    const double LectureInverse = 2;

    /// <summary>For values of a forward pass in 32 bits.</summary>
    public static Tolerance Forward { get; } = new(2e-6, 2e-6);

    /// <summary>For gradients in 32 bits.</summary>
    public static Tolerance Gradient { get; } = new(1e-7, 1e-5);

    /// <summary>The tolerance for a tensor by its name: gradients end in <c>.grad</c>.</summary>
    /// <param name="name">The name.</param>
    public static Tolerance For(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsGradient(name) ? Gradient : Forward;
    }

    /// <summary>
    /// The tolerance for a tensor of a batch that may round more than the lecture's. The error of a sum of n terms is at most about
    /// n·u (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2). BatchNorm multiplies errors by 1/σ on the
    /// way forward, and its backward pass, whose terms cancel, by 1/σ². The gradient of one of N examples is proportional to 1/N.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="batch">The batch, for its sizes.</param>
    /// <param name="inverseDeviations">1/σ of each hidden unit, by the reference; none where it does not tell.</param>
    public static Tolerance For(string name, LectureBatch batch, IEnumerable<double> inverseDeviations)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int terms = new[] { batch.Count, batch.Hidden, batch.EmbeddedWidth, batch.Vocabulary }.Max();
        double inverse = Math.Max(1, inverseDeviations.Where(double.IsFinite).DefaultIfEmpty().Max() / LectureInverse);
        double factor = Math.Max(1, terms / LectureTerms) * inverse;
        if (IsGradient(name))
        {
            factor *= inverse * Math.Max(1, LectureExamples / batch.Count);
        }
        Tolerance tolerance = For(name);
        return new Tolerance(tolerance.Absolute * factor, tolerance.Relative * factor);
    }

    /// <summary>Tells whether a value is near enough. Two NaN are, and two infinities of one sign; either and a number are not.</summary>
    /// <param name="actual">The value.</param>
    /// <param name="expected">What it should be.</param>
    public bool Holds(double actual, double expected) =>
        actual.Equals(expected)
        || (double.IsFinite(expected) && Math.Abs(actual - expected) <= Absolute + (Relative * Math.Abs(expected)));

    static bool IsGradient(string name) => name.EndsWith(".grad", StringComparison.Ordinal);
}
