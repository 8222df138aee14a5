using Makemore.Gpu.Runner.Output;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Output;

sealed class TensorTextTests
{
    [Test]
    public void A_single_value_has_no_brackets() => Assert.That(Lines([], 3.34204f), Is.EqualTo(new[] { "3.3420" }));

    [Test]
    public void Whole_numbers_have_no_decimals() => Assert.That(Lines([3], 8, 14, 0), Is.EqualTo(new[] { "[ 8, 14,  0]" }));

    [Test]
    public void Numbers_of_one_size_have_four_decimals_and_nothing_is_0() =>
        Assert.That(Lines([2, 2], -1f / 32, 0, 0.5f, 1), Is.EqualTo(new[] { "[[-0.0312,       0],", " [ 0.5000,  1.0000]]" }));

    [TestCase(1f, 0.0009f)]
    [TestCase(2e8f, 1.5e8f)]
    [TestCase(1.2e-5f, 3e-5f)]
    public void Numbers_of_different_sizes_have_exponents(float one, float other) =>
        Assert.That(Lines([2], one, other).Single(), Does.Match(@"^\[\d\.\d{4}e[+-]\d\d, \d\.\d{4}e[+-]\d\d\]$"));

    [Test]
    public void Each_further_axis_has_brackets_and_a_line_between() =>
        Assert.That(
            Lines([2, 2, 1], 1, 2, 3, 4), Is.EqualTo(new[] { "[[[1],", "  [2]],", "", " [[3],", "  [4]]]" }));

    [Test]
    public void A_long_row_goes_on_in_the_next_line()
    {
        IReadOnlyList<string> lines = Lines([1, 27], [.. Enumerable.Repeat(0.25f, 27)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Count.EqualTo(3));
            Assert.That(lines.Select(line => line.Length), Has.All.LessThanOrEqualTo(100));
            Assert.That(lines[1], Does.StartWith("  0.2500, ").And.EndsWith("0.2500,"));
        }
    }

    [Test]
    public void The_middle_of_a_large_tensor_is_left_out()
    {
        IReadOnlyList<string> lines = Lines([40, 30], [.. Enumerable.Range(0, 1200).Select(i => (float)i)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Count.EqualTo(7));
            Assert.That(lines[0], Is.EqualTo("[[   0,    1,    2, ...,   27,   28,   29],"));
            Assert.That(lines[3], Is.EqualTo(" ...,"));
            Assert.That(lines[6], Is.EqualTo(" [1170, 1171, 1172, ..., 1197, 1198, 1199]]"));
        }
    }

    [Test]
    public void Few_rows_of_a_large_tensor_are_all_there() =>
        Assert.That(Lines([6, 200], new float[1200]), Has.Count.EqualTo(6).And.All.Match(@"^ ?\[*0, 0, 0, \.\.\., 0, 0, 0\]+,?$"));

    [Test]
    public void What_is_not_a_number_is_shown() =>
        Assert.That(Lines([3], float.NaN, float.PositiveInfinity, 0.5f).Single(), Does.Contain("not a number").And.Contains("infinite"));

    static IReadOnlyList<string> Lines(int[] shape, params float[] values) => TensorText.Lines(shape, values);
}
