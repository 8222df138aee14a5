using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>The measure of all other tests must itself be able to fail.</summary>
sealed class TensorsTests
{
    static readonly Tolerance Tenth = new(0.1, 0.01);

    [TestCase(0f, 0.1)]
    [TestCase(10f, 10.2)]
    [TestCase(float.NaN, double.NaN)]
    [TestCase(float.PositiveInfinity, double.PositiveInfinity)]
    [TestCase(float.NegativeInfinity, -1e39)]
    public void Values_within_the_tolerance_are_accepted(float actual, double expected) =>
        Assert.That(Report(actual, expected, Tenth), Is.Null);

    [TestCase(0f, 0.11)]
    [TestCase(10f, 10.21)]
    [TestCase(0f, double.NaN)]
    [TestCase(float.NaN, 0)]
    [TestCase(float.NaN, double.PositiveInfinity)]
    [TestCase(float.PositiveInfinity, 1)]
    [TestCase(float.PositiveInfinity, double.NegativeInfinity)]
    [TestCase(1e30f, double.PositiveInfinity)]
    public void Values_beyond_the_tolerance_are_found(float actual, double expected) =>
        Assert.That(Report(actual, expected, Tenth), Is.Not.Null);

    [Test]
    public void Exact_means_the_same_number()
    {
        Assert.That(Report(1f, 1, Tolerances.Exact), Is.Null);
        Assert.That(Report(MathF.BitIncrement(1f), 1, Tolerances.Exact), Is.Not.Null);
    }

    [Test]
    public void The_report_gives_the_count_and_the_index_and_both_values_of_the_worst()
    {
        var expected = Matrix<double>.Build.Dense(2, 3);
        string? report = Report(() => Tensors.AssertClose([0, 1, 0, 0, float.NaN, 0.125f], expected, Tenth, name: "dx"));
        Assert.That(report, Does.Contain("dx: 3 of 6 values are wrong, the worst at [1, 1]: NaN instead of 0 ± 0.1"));
    }

    [Test]
    public void More_is_allowed_only_where_the_allowance_says()
    {
        var expected = Matrix<double>.Build.Dense(1, 2);
        var allowance = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 0 } });
        Assert.That(Report(() => Tensors.AssertClose([1, 0], expected, Tenth, allowance)), Is.Null);
        Assert.That(Report(() => Tensors.AssertClose([0, 1], expected, Tenth, allowance)), Is.Not.Null);
    }

    [Test]
    public void The_same_bits_tell_zeros_apart() =>
        Assert.That(Report(() => Tensors.AssertSameBits([0f], [-0f])), Is.Not.Null);

    static string? Report(float actual, double expected, Tolerance tolerance) =>
        Report(() => Tensors.AssertClose([actual], Vector<double>.Build.Dense(1, expected), tolerance));

    // What an assertion says when it fails; null when it holds.
    static string? Report(Action assertion)
    {
        using (new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext())
        {
            try
            {
                assertion();
                return null;
            }
            catch (AssertionException failure)
            {
                return failure.Message;
            }
        }
    }
}
