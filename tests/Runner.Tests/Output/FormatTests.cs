using Makemore.Gpu.Runner.Output;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Output;

/// <summary>Numbers as they are shown.</summary>
sealed class FormatTests
{
    [TestCase(-0.004, 2, "+0.00")]
    [TestCase(-0.0, 6, "+0.000000")]
    [TestCase(-0.0000004, 6, "+0.000000")]
    [TestCase(-0.0000006, 6, "-0.000001")]
    [TestCase(0.25, 2, "+0.25")]
    [TestCase(-20.9, 1, "-20.9")]
    [TestCase(-0.4, 0, "+0")]
    [TestCase(double.NaN, 2, "not a number")]
    [TestCase(double.NegativeInfinity, 2, "-infinite")]
    public void A_signed_number_that_rounds_to_0_is_not_negative(double value, int decimals, string expected) =>
        Assert.That(Format.Signed(value, decimals), Is.EqualTo(expected));

    [Test]
    public void No_number_that_rounds_to_0_has_a_minus()
    {
        const double Tiny = -1e-9;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Format.Fixed(Tiny, 3), Is.EqualTo("0.000"));
            Assert.That(Format.Percent(Tiny), Is.EqualTo("0.00%"));
            Assert.That(Format.Loss(Tiny), Is.EqualTo("0.0000"));
            Assert.That(Format.Scientific(-0.0), Is.EqualTo("0.000000e+00"));
            Assert.That(Format.SignedScientific(-0.0), Is.EqualTo("+0.000000e+00"));
        }
    }

    [Test]
    public void What_is_no_number_is_said_in_words()
    {
        Func<double, string>[] formats =
        [
            Format.Loss, Format.Difference, Format.Ulps, Format.Scientific, Format.SignedScientific, Format.ThreeDigits,
            value => Format.Fixed(value, 4), value => Format.Signed(value, 2), value => Format.Percent(value),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(formats.Select(format => format(double.NaN)), Has.All.EqualTo("not a number"));
            Assert.That(formats.Select(format => format(-double.NaN)), Has.All.EqualTo("not a number"));
            Assert.That(formats.Select(format => format(double.PositiveInfinity)), Has.All.EqualTo("infinite"));
            Assert.That(formats.Select(format => format(double.NegativeInfinity)), Has.All.EqualTo("-infinite"));
        }
    }

    [TestCase(0, "0 steps")]
    [TestCase(1, "1 step")]
    [TestCase(1000, "1,000 steps")]
    public void One_thing_has_no_plural(int count, string expected) => Assert.That(Format.Counted(count, "step"), Is.EqualTo(expected));

    // As document E prints its first layer.
    [TestCase(-0.023409, "-2.340900e-02")]
    [TestCase(7.497526e-01, "+7.497526e-01")]
    public void Scientific_numbers_are_Pythons(double value, string expected) =>
        Assert.That(Format.SignedScientific(value), Is.EqualTo(expected));

    [TestCase(5.0 / 3, "5/3")]
    [TestCase(1.6666667, "5/3")]
    [TestCase(1.67, "1.67")]
    [TestCase(0.2, "0.2")]
    [TestCase(1, "1")]
    public void The_gain_of_tanh_is_written_as_the_lectures_write_it(double gain, string expected) =>
        Assert.That(Format.Factor(gain), Is.EqualTo(expected));

    [TestCase(0, "0")]
    [TestCase(1234.5, "1234")]
    [TestCase(999.6, "1000")]
    [TestCase(99.97, "100")]
    [TestCase(12.34, "12.3")]
    [TestCase(1, "1.00")]
    [TestCase(0.0009996, "0.00100")]
    [TestCase(0.00012345, "0.000123")]
    public void A_measured_number_has_three_digits(double value, string expected) =>
        Assert.That(Format.ThreeDigits(value), Is.EqualTo(expected));

    [TestCase(1.234e-6, "1.23 µs")]
    [TestCase(0.0456, "45.6 ms")]
    [TestCase(7.891, "7.89 s")]
    public void A_short_time_has_the_unit_that_fits(double seconds, string expected) =>
        Assert.That(Format.ShortTime(seconds), Is.EqualTo(expected));

    [Test]
    public void A_part_has_as_many_decimals_as_asked_for() => Assert.That(Format.Percent(0.0278125, 3), Is.EqualTo("2.781%"));
}
