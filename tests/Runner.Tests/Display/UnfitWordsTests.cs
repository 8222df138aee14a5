using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Display;

sealed class UnfitWordsTests
{
    [TestCase("porn")]
    [TestCase("Porn")]
    [TestCase("poop")]
    [TestCase("anhitlera")]
    public void A_word_of_the_list_matches(string name) => Assert.That(UnfitWords.Match(name), Is.True);

    [TestCase("")]
    [TestCase("somporn")]
    [TestCase("yoshito")]
    [TestCase("cbea")]
    [TestCase("words")]
    public void What_holds_a_word_only_by_chance_or_is_none_does_not_match(string name) => Assert.That(UnfitWords.Match(name), Is.False);

    [Test]
    public void No_name_of_the_embedded_list_matches() =>
        Assert.That(NamesFile.Embedded().Names.Where(UnfitWords.Match), Is.Empty);

    [Test]
    public void No_name_of_the_lectures_matches() =>
        Assert.That(NamesFile.Read(SmallNames.LecturePath()).Names.Where(UnfitWords.Match), Is.Empty);
}
