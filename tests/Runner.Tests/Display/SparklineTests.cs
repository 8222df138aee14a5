using Makemore.Gpu.Runner.Display;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Display;

/// <summary>Curves in a line of characters.</summary>
sealed class SparklineTests
{
    [Test]
    public void Each_value_is_as_high_as_it_is() =>
        Assert.That(Sparkline.Blocks.Of([0, 1, 2, 3, 4, 5, 6, 7], 0, 7), Is.EqualTo("▁▂▃▄▅▆▇█"));

    [Test]
    public void A_line_for_any_terminal_has_as_many_heights() =>
        Assert.That(Sparkline.Ascii.Of([7, 6, 5, 4, 3, 2, 1, 0], 0, 7), Is.EqualTo("#*+=:-._"));

    [Test]
    public void What_is_beyond_the_scale_or_no_number_stays_in_the_line() =>
        Assert.That(
            Sparkline.Blocks.Of([-1, null, 9, double.NaN, double.PositiveInfinity], 0, 7), Is.EqualTo("▁ ███"));

    [Test]
    public void Equal_values_are_a_flat_line() => Assert.That(Sparkline.Blocks.Of([2, 2, 2], 2, 2), Is.EqualTo("▁▁▁"));

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(80)]
    [TestCase(1000)]
    public void Columns_are_means_of_their_steps(int width)
    {
        var columns = new LossColumns(2000);
        for (int step = 0; step < 2000; step++)
        {
            columns.Add(step, step);
        }
        IReadOnlyList<double?> values = columns.Of(width);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values, Has.Count.EqualTo(Math.Min(width, 240)));
            Assert.That(values, Is.Ordered);
            Assert.That(values.Average(), Is.EqualTo(999.5).Within(5));
        }
    }

    [Test]
    public void Columns_end_at_the_last_step_and_begin_at_the_first_one()
    {
        var columns = new LossColumns(100);
        columns.Add(30, 4);
        columns.Add(49, 2);
        Assert.That(columns.Of(10), Is.EqualTo(new double?[] { null, null, null, 4, 2 }));
    }

    [Test]
    public void A_column_without_a_value_keeps_that_before_it()
    {
        var columns = new LossColumns(100);
        columns.Add(0, 4);
        columns.Add(99, 2);
        Assert.That(columns.Of(4), Is.EqualTo(new double?[] { 4, 4, 4, 2 }));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void A_run_of_few_steps_has_columns_too(int steps)
    {
        var columns = new LossColumns(steps);
        columns.Add(0, 3);
        Assert.That(columns.Of(27), Has.Count.InRange(1, 27).And.All.EqualTo(3));
    }
}
