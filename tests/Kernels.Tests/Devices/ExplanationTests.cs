using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

sealed class ExplanationTests
{
    [Test]
    public void Inserted_texts_are_shortened_and_the_programs_own_words_are_not()
    {
        string text = new string('a', 5000) + "end";
        string message = new InvalidRequestException($"'{text}' has {text.Length:N0} characters: {new string('w', 300):whole}").Message;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(message, Does.StartWith("'aaa").And.Contains("…").And.Contains("aaend' has 5,003 characters: www"));
            Assert.That(message.Count(character => character == 'a'), Is.LessThan(Explanation.MostOfText + 5));
            Assert.That(message.Count(character => character == 'w'), Is.EqualTo(300));
        }
    }

    [Test]
    public void An_explanation_within_another_stays_whole()
    {
        Explanation inner = $"{new string('a', 150)} and {new string('b', 150)}";
        Explanation outer = $"note: {inner}";
        Assert.That(outer.ToString(), Is.EqualTo($"note: {inner}"));
    }

    [Test]
    public void No_character_of_two_halves_is_cut_apart([Range(0, 3)] int before)
    {
        string text = new string('a', before) + string.Concat(Enumerable.Repeat("𐐀", 300)) + new string('a', 3 - before);
        string shortened = Explanation.Shorten(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shortened.Length, Is.LessThanOrEqualTo(Explanation.MostOfText));
            Assert.That(shortened.EnumerateRunes(), Has.None.EqualTo(System.Text.Rune.ReplacementChar));
            Assert.That(Explanation.Shorten(text[..Explanation.MostOfText]), Is.EqualTo(text[..Explanation.MostOfText]));
        }
    }
}
