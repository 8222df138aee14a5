using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Explore;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Explore;

sealed class GradientOfLossPageTests
{
    [Test]
    public void A_few_characters_are_all_shown()
    {
        Page page = GradientOfLossPage.Of(Of(Cells.MaxCharacters));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Sections[0].Grid!.Rows, Has.Count.EqualTo(Cells.MaxCharacters));
            Assert.That(Map(page).Names, Has.Count.EqualTo(Cells.MaxCharacters));
            Assert.That(page.Sections.Select(section => section.Text), Has.None.Contains("largest gradients"));
        }
    }

    // The gradients of the first row grow from the first character on, those of the second one shrink faster.
    [Test]
    public void Of_many_characters_those_with_the_largest_gradients_are_shown()
    {
        const int characters = 3000;
        Page page = GradientOfLossPage.Of(Of(characters));
        IEnumerable<string> last = Enumerable.Range(0, characters).TakeLast(Cells.MaxCharacters).Select(Character);
        ShadeMap map = Map(page);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Sections[0].Grid!.Rows.Select(row => row[0].Split(' ')[0]), Is.EqualTo(last));
            Assert.That(page.Sections[0].Grid!.Rows[^1][0], Does.EndWith("(right)"));
            Assert.That(map.Names, Is.EqualTo(Enumerable.Range(0, Cells.MaxCharacters).Select(Character)));
            Assert.That(map.Values.GetLength(1), Is.EqualTo(Cells.MaxCharacters));
            Assert.That(map.Values[1, 2], Is.EqualTo(-2f * (characters - 2)));
            Assert.That(
                page.Sections.Select(section => section.Text),
                Has.All.Contains("64 of 3,000 characters, those with the largest gradients"));
        }
    }

    static ShadeMap Map(Page page) => (ShadeMap)page.Sections[1].Pictures.Single();

    static string Character(int i) => ((char)('一' + i)).ToString();

    static GradientOfLoss Of(int characters) => new(
        "backprop", [characters - 1, 0], [new float[characters], new float[characters]],
        [
            [.. Enumerable.Range(0, characters).Select(i => (float)i)],
            [.. Enumerable.Range(0, characters).Select(i => -2f * (characters - i))],
        ],
        [.. Enumerable.Range(0, characters).Select(Character)]);
}
