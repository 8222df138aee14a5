using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Explore;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Explore;

sealed class JitterPageTests
{
    [Test]
    public void A_few_characters_are_all_shown()
    {
        Section section = JitterPage.Of(Of(Cells.MaxCharacters)).Sections.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(section.Grid!.Rows.Select(row => row[0].Split(' ')[0]), Is.EqualTo(Characters(Cells.MaxCharacters)));
            Assert.That(section.Text, Does.Not.Contain("Shown are"));
        }
    }

    // The later a character, the more its logit varies; the right one is the first.
    [Test]
    public void Of_many_characters_those_that_vary_most_are_shown_and_the_right_one()
    {
        const int characters = 3000;
        Section section = JitterPage.Of(Of(characters)).Sections.Single();
        var chart = (Chart)section.Pictures.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                section.Grid!.Rows.Select(row => row[0].Split(' ')[0]),
                Is.EqualTo(Characters(characters).TakeLast(Cells.MaxCharacters - 1).Prepend("一")));
            Assert.That(section.Grid.Rows[0][0], Does.EndWith("(right)"));
            Assert.That(section.Text, Does.Contain("Shown are 64 of 3,000 characters"));
            Assert.That(chart.Series[0].Y, Has.Count.EqualTo(2 * Cells.MaxCharacters));
            Assert.That(chart.Series[1].Y[^1], Is.EqualTo(characters - 1));
        }
    }

    static IEnumerable<string> Characters(int count) => Enumerable.Range(0, count).Select(i => ((char)('一' + i)).ToString());

    static BatchJitter Of(int characters)
    {
        float[] logits = [.. Enumerable.Range(0, characters).Select(i => (float)i)];
        return new BatchJitter(
            "batchnorm", Steps: 1, "一", Target: 0, [.. Characters(characters)],
            [logits, Array.ConvertAll(logits, logit => -logit)], logits);
    }
}
