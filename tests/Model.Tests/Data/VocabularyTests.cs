using System.Text;
using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class VocabularyTests
{
    [Test]
    public void A_uniform_guess_over_the_alphabet_costs_ln_27() =>
        Assert.That(Vocabulary.Of(["abcdefghijklmnopqrstuvwxyz"]).UniformLoss, Is.EqualTo(3.2958).Within(1e-4));

    [Test]
    public void Tokens_are_the_boundary_and_then_the_characters_in_order()
    {
        var vocabulary = Vocabulary.Of(["cab", "bad"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vocabulary.Characters, Is.EqualTo(".abcd"));
            Assert.That(vocabulary.Count, Is.EqualTo(5));
            Assert.That(vocabulary.Encode("dab"), Is.EqualTo(new[] { 4, 1, 2 }));
            Assert.That(vocabulary.Decode([0, 4, 1, 2]), Is.EqualTo(".dab"));
            Assert.That(Enumerable.Range(0, 5).Select(vocabulary.Character), Is.EqualTo(".abcd".EnumerateRunes()));
        }
    }

    // By code point; by 16-bit units U+FF5E would come after U+10400, whose first unit is U+D801.
    [Test]
    public void Characters_beyond_sixteen_bits_are_one_token_and_come_last()
    {
        var vocabulary = Vocabulary.Of(["𐐀z", "～é"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vocabulary.Characters, Is.EqualTo(".zé～𐐀"));
            Assert.That(vocabulary.Encode("𐐀é"), Is.EqualTo(new[] { 4, 2 }));
            Assert.That(vocabulary.Character(4), Is.EqualTo(new Rune(0x10400)));
        }
    }

    [Test]
    public void What_was_written_down_is_read_back()
    {
        var vocabulary = Vocabulary.Of(["zoë", "𐐀"]);
        var read = Vocabulary.Parse(vocabulary.Characters);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Characters, Is.EqualTo(vocabulary.Characters));
            Assert.That(read.Encode("𐐀ëz"), Is.EqualTo(vocabulary.Encode("𐐀ëz")));
        }
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("abc")]
    [TestCase(".abca")]
    [TestCase(".a.")]
    [TestCase("\na")]
    public void What_is_no_vocabulary_is_refused(string characters) =>
        Assert.That(Refusal.Of(() => Vocabulary.Parse(characters)), Does.Contain("is not a vocabulary"));

    [TestCase("anx", "x")]
    [TestCase("an.a", ".")]
    [TestCase("an𐐀", "𐐀")]
    [TestCase("a\nn", "")]
    public void A_character_that_is_not_in_it_is_refused(string text, string character) =>
        Assert.That(
            Refusal.Of(() => _ = Vocabulary.Of(["anna"]).Encode(text).ToArray()), Does.Contain($"'{character}").And.Contains("'an'"));
}
