using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class NameLengthsTests
{
    // 2, 4, 4, 4, 5, 5, 7, 9: the mean is 5, and the squared differences add up to 32.
    [Test]
    public void Mean_deviation_and_counts_are_those_of_the_lengths()
    {
        var lengths = NameLengths.Of(["abcdefghi", "ab", "abcd", "efgh", "abcde", "ijkl", "fghij", "abcdefg"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((lengths.Shortest, lengths.Longest), Is.EqualTo((2, 9)));
            Assert.That(lengths.Mean, Is.EqualTo(5).Within(1e-12));
            Assert.That(lengths.StandardDeviation, Is.EqualTo(Math.Sqrt(32.0 / 7)).Within(1e-12));
            Assert.That(
                lengths.Counts, Is.EqualTo(new LengthCount[] { new(2, 1), new(4, 3), new(5, 2), new(7, 1), new(9, 1) }));
        }
    }

    // As UTF-16, the second has four units; as UTF-8, the third eight bytes.
    [Test]
    public void Lengths_are_counted_in_characters() =>
        Assert.That(NameLengths.Of(["zoë", "𐐀𐐁", "щука"]).Counts, Is.EqualTo(new LengthCount[] { new(2, 1), new(3, 1), new(4, 1) }));

    [Test]
    public void One_name_has_no_deviation()
    {
        var lengths = NameLengths.Of(["emma"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((lengths.Shortest, lengths.Longest, lengths.Mean), Is.EqualTo((4, 4, 4.0)));
            Assert.That(lengths.StandardDeviation, Is.NaN);
        }
    }

    // Counted in Python: statistics.mean and statistics.stdev of the lengths.
    [Test]
    public void The_lectures_names_have_2_to_15_characters()
    {
        var lengths = NameLengths.Of(TestData.Lecture.File.Names);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((lengths.Shortest, lengths.Longest), Is.EqualTo((2, 15)));
            Assert.That(lengths.Mean, Is.EqualTo(6.122217712983486).Within(1e-10));
            Assert.That(lengths.StandardDeviation, Is.EqualTo(1.4403572638861328).Within(1e-10));
            Assert.That(
                lengths.Counts.Select(count => count.Names),
                Is.EqualTo(new[] { 65, 575, 2983, 7133, 9657, 6819, 3108, 1118, 380, 128, 29, 30, 6, 2 }));
        }
    }
}
