using Makemore.Gpu.Model.Text;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Text;

sealed class TextRulesTests
{
    [TestCase("anna", "anna", TextChanges.None)]
    [TestCase("  anna\t", "anna", TextChanges.None)]
    [TestCase("zoe\u0308", "zoë", TextChanges.Form)]
    [TestCase("zoë", "zoë", TextChanges.None)]
    [TestCase("\uFEFFanna", "anna", TextChanges.Invisible)]
    [TestCase("an\u200Bna\u00AD", "anna", TextChanges.Invisible)]
    [TestCase("\u200Eדוד\u200F", "דוד", TextChanges.Invisible)]
    [TestCase("mary\u00A0ann", "mary ann", TextChanges.Spaces)]
    [TestCase("\u3000mary\u202Fann", "mary ann", TextChanges.Spaces)]
    [TestCase("e\u0301\u00A0\u200B", "é", TextChanges.Form | TextChanges.Invisible)]
    public void What_looks_alike_becomes_alike(string text, string cleaned, TextChanges changes) =>
        Assert.That(new TextRules().Clean(text), Is.EqualTo((cleaned, changes)));

    // Emoji of a family, a Persian word whose letters are kept apart, a conjunct of Devanagari, a heart in color.
    [TestCase("👨‍👩‍👧")]
    [TestCase("می‌روم")]
    [TestCase("क्‍ष")]
    [TestCase("❤️")]
    public void Joiners_between_characters_and_variation_selectors_stay(string text) =>
        Assert.That(new TextRules(UnicodeForm.None).Clean(text), Is.EqualTo((text, TextChanges.None)));

    [TestCase("anna\u200D")]
    [TestCase("\u200Canna")]
    [TestCase("an\u200D\u200Dna")]
    public void A_joiner_that_joins_nothing_goes(string text) => Assert.That(new TextRules().Clean(text).Text, Is.EqualTo("anna"));

    [TestCase("ANNA", "anna")]
    [TestCase("ÉMILE", "émile")]
    [TestCase("ЩУКА", "щука")]
    public void Large_letters_become_small_where_asked(string text, string lower)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new TextRules(Lower: true).Clean(text), Is.EqualTo((lower, TextChanges.Case)));
            Assert.That(new TextRules().Clean(text).Text, Is.EqualTo(text));
        }
    }

    [Test]
    public void Cleaning_twice_is_cleaning_once([Values] UnicodeForm form, [Values] bool lower)
    {
        var rules = new TextRules(form, lower);
        foreach (string text in new[] { "İstanbul", "A\u030Angstro\u0308m", "\u00A0x\u200Dy ", "한글", "ﬁx", "ǅ", "שׁלום" })
        {
            string cleaned = rules.Clean(text).Text;
            Assert.That(rules.Clean(cleaned), Is.EqualTo((cleaned, TextChanges.None)), text);
        }
    }
}
