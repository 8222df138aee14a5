using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>How two values of a tensor may differ: |actual - expected| &lt;= absolute + relative·|expected|.</summary>
/// <param name="Absolute">The absolute part.</param>
/// <param name="Relative">The relative part.</param>
sealed record Tolerance(double Absolute, double Relative)
{
    const int LectureExamples = 32;
    const int LectureTerms = 64;
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
    /// Whether a batch rounds no more than the lecture's, so that these tolerances hold for it: they are made for at least so many
    /// examples, sums of at most so many terms, and no smaller standard deviation.
    /// </summary>
    /// <param name="batch">The batch, for its sizes.</param>
    /// <param name="inverseDeviations">1/σ of each hidden unit.</param>
    internal static bool CoverBatch(LectureBatch batch, IEnumerable<double> inverseDeviations) =>
        batch.Count >= LectureExamples
        && new[] { batch.Count, batch.Hidden, batch.EmbeddedWidth, batch.Vocabulary }.Max() <= LectureTerms
        && inverseDeviations.Max() <= LectureInverse;

    /// <summary>How far a value may be from an expected one.</summary>
    /// <param name="expected">What it should be.</param>
    public double At(double expected) => Absolute + (Relative * Math.Abs(expected));

    /// <summary>Tells whether a value is near enough. Two NaN are, and two infinities of one sign; either and a number are not.</summary>
    /// <param name="actual">The value.</param>
    /// <param name="expected">What it should be.</param>
    public bool Holds(double actual, double expected) =>
        TensorComparison.IsNear(actual, expected, At(expected));

    static bool IsGradient(string name) => name.EndsWith(".grad", StringComparison.Ordinal);
}
