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
    public void Each_value_can_have_a_bound_of_its_own([Values(0.25, 0.2)] double bound) =>
        Assert.That(TensorComparison.Of("x", [1f, 2f], [1, 2.25], [0, bound]).Approximate, Is.EqualTo(bound >= 0.25));

    [Test]
    public void The_same_numbers_are_exact() =>
        Assert.That(
            Of([1f, 0.1f, float.NaN], [1, 0.1, double.NaN]),
            Is.EqualTo(new TensorComparison("x", true, true, 0.1f - 0.1, Ulps(0.1f - 0.1))));

    [Test]
    public void Near_numbers_are_approximate_with_their_largest_difference() =>
        Assert.That(Of([1f, 2f, 3f], [1, 2.5, 3.25]), Is.EqualTo(new TensorComparison("x", false, true, 0.5, Ulps(0.25))));

    [Test]
    public void One_far_number_among_close_ones_is_not_approximate([Range(0, 2)] int index)
    {
        float[] actual = [1f, 1f, 1f];
        actual[index] = 3f;
        Assert.That(Of(actual, [1, 1, 1]), Is.EqualTo(new TensorComparison("x", false, false, 2, Ulps(2))));
    }

    [TestCase(float.NaN, 1.0)]
    [TestCase(1f, double.NaN)]
    public void NaN_beside_a_number_is_never_close(float actual, double expected)
    {
        TensorComparison comparison = Of([5f, actual, 5f], [5, expected, 5]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((comparison.Exact, comparison.Approximate), Is.EqualTo((false, false)));
            Assert.That((comparison.MaxDifference, comparison.Ulps), Is.EqualTo((double.NaN, double.NaN)));
        }
    }

    [Test]
    public void Infinities_of_one_sign_are_the_same() =>
        Assert.That(Of([float.NegativeInfinity], [double.NegativeInfinity]), Is.EqualTo(new TensorComparison("x", true, true, 0, 0)));

    [TestCase(float.PositiveInfinity, 1.0)]
    [TestCase(1f, double.NegativeInfinity)]
    [TestCase(float.PositiveInfinity, double.NegativeInfinity)]
    public void Infinity_beside_another_number_is_far(float actual, double expected) =>
        Assert.That(
            Of([actual], [expected]),
            Is.EqualTo(new TensorComparison("x", false, false, double.PositiveInfinity, double.PositiveInfinity)));

    [Test]
    public void Tensors_of_two_lengths_cannot_be_compared() =>
        Assert.That(() => Of([1f], [1, 2]), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(1f, 1.0, 0)]
    [TestCase(1f, 1.5, 0.5 * (1 << 23))]
    // A power of two begins a range of wider steps.
    [TestCase(1.9999999f, 2.0, 0.5)]
    [TestCase(-100f, -100.00001, 1.3107)]
    // The smallest number above 0 is the step from 0.
    [TestCase(float.Epsilon, 0.0, 1)]
    [TestCase(3 * float.Epsilon, float.Epsilon, 2)]
    public void The_largest_difference_is_also_told_in_units_in_the_last_place(float actual, double expected, double ulps) =>
        Assert.That(Of([actual], [expected]).Ulps, Is.EqualTo(ulps).Within(1e-4));

    [Test]
    public void The_unit_is_that_of_the_largest_finite_value_that_is_expected() =>
        Assert.That(
            Of([1f, -1024f, float.PositiveInfinity, float.NaN], [1.5, -1024, double.PositiveInfinity, double.NaN]).Ulps,
            Is.EqualTo(Ulps(0.5 / 1024)));

    // In units in the last place of the numbers from 1 to 2.
    static double Ulps(double difference) => difference * (1 << 23);

    static TensorComparison Of(float[] actual, double[] expected) => TensorComparison.Of("x", actual, expected, Rule);
}
