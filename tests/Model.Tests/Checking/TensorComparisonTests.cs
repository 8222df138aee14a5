using Makemore.Gpu.Model.Checking;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checking;

sealed class TensorComparisonTests
{
    static readonly Tolerance Rule = new(Absolute: 0.5, Relative: 0.25);

    [TestCase(10.0, 10.0, true)]
    [TestCase(13.0, 10.0, true)]
    [TestCase(13.001, 10.0, false)]
    [TestCase(7.0, 10.0, true)]
    [TestCase(6.999, 10.0, false)]
    [TestCase(-13.0, -10.0, true)]
    [TestCase(0.5, 0.0, true)]
    [TestCase(0.501, 0.0, false)]
    // Relative to what is expected, not to what came.
    [TestCase(10.0, 13.2, true)]
    [TestCase(10.0, 12.66, true)]
    [TestCase(10.0, 14.0, true)]
    [TestCase(14.0, 10.0, false)]
    [TestCase(double.NaN, double.NaN, true)]
    [TestCase(double.NaN, 0.0, false)]
    [TestCase(0.0, double.NaN, false)]
    [TestCase(double.PositiveInfinity, double.PositiveInfinity, true)]
    [TestCase(double.NegativeInfinity, double.PositiveInfinity, false)]
    [TestCase(1.0, double.PositiveInfinity, false)]
    [TestCase(double.PositiveInfinity, 1.0, false)]
    public void Two_values_are_close_by_an_absolute_and_a_relative_part(double actual, double expected, bool close) =>
        Assert.That(Rule.Holds(actual, expected), Is.EqualTo(close));

    [TestCase("h", false)]
    [TestCase("h.grad", true)]
    [TestCase("grad", false)]
    [TestCase("h.grad.x", false)]
    public void Gradients_have_a_tolerance_of_their_own(string name, bool isGradient) =>
        Assert.That(Tolerance.For(name), Is.EqualTo(isGradient ? Tolerance.Gradient : Tolerance.Forward));

    [Test]
    public void The_tolerances_are_those_of_32_bits()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Tolerance.Forward, Is.EqualTo(new Tolerance(2e-6, 2e-6)));
            Assert.That(Tolerance.Gradient, Is.EqualTo(new Tolerance(1e-7, 1e-5)));
        }
    }

    [Test]
    public void The_same_numbers_are_exact() =>
        Assert.That(Of([1f, 0.1f, float.NaN], [1, 0.1, double.NaN]), Is.EqualTo(new TensorComparison("x", true, true, 0.1f - 0.1)));

    [Test]
    public void Near_numbers_are_approximate_with_their_largest_difference() =>
        Assert.That(Of([1f, 2f, 3f], [1, 2.5, 3.25]), Is.EqualTo(new TensorComparison("x", false, true, 0.5)));

    [Test]
    public void One_far_number_among_close_ones_is_not_approximate([Range(0, 2)] int index)
    {
        float[] actual = [1f, 1f, 1f];
        actual[index] = 3f;
        Assert.That(Of(actual, [1, 1, 1]), Is.EqualTo(new TensorComparison("x", false, false, 2)));
    }

    [TestCase(float.NaN, 1.0)]
    [TestCase(1f, double.NaN)]
    public void NaN_beside_a_number_is_never_close(float actual, double expected)
    {
        TensorComparison comparison = Of([5f, actual, 5f], [5, expected, 5]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((comparison.Exact, comparison.Approximate), Is.EqualTo((false, false)));
            Assert.That(comparison.MaxDifference, Is.NaN);
        }
    }

    [Test]
    public void Infinities_of_one_sign_are_the_same() =>
        Assert.That(Of([float.NegativeInfinity], [double.NegativeInfinity]), Is.EqualTo(new TensorComparison("x", true, true, 0)));

    [TestCase(float.PositiveInfinity, 1.0)]
    [TestCase(1f, double.NegativeInfinity)]
    [TestCase(float.PositiveInfinity, double.NegativeInfinity)]
    public void Infinity_beside_another_number_is_far(float actual, double expected) =>
        Assert.That(Of([actual], [expected]), Is.EqualTo(new TensorComparison("x", false, false, double.PositiveInfinity)));

    [Test]
    public void Tensors_of_two_lengths_cannot_be_compared() =>
        Assert.That(() => Of([1f], [1, 2]), Throws.InstanceOf<ArgumentOutOfRangeException>());

    static TensorComparison Of(float[] actual, double[] expected) => TensorComparison.Of("x", actual, expected, Rule);
}
