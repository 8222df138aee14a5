using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Text;
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
            Assert.That(vocabulary.Write(), Is.EqualTo(".abcd"));
            Assert.That(vocabulary.Count, Is.EqualTo(5));
            Assert.That(vocabulary.Encode("dab"), Is.EqualTo(new[] { 4, 1, 2 }));
            Assert.That(vocabulary.Decode([0, 4, 1, 2]), Is.EqualTo(".dab"));
            Assert.That(vocabulary.Tokens, Is.EqualTo(new[] { ".", "a", "b", "c", "d" }));
        }
    }

    // By code point; by 16-bit units U+FF5E would come after U+10400, whose first unit is U+D801.
    [Test]
    public void Characters_beyond_sixteen_bits_are_one_token_and_come_last()
    {
        var vocabulary = Vocabulary.Of(["𐐀z", "～é"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vocabulary.Write(), Is.EqualTo(".zé～𐐀"));
            Assert.That(vocabulary.Encode("𐐀é"), Is.EqualTo(new[] { 4, 2 }));
            Assert.That(vocabulary.Tokens[4], Is.EqualTo("𐐀"));
        }
    }

    [Test]
    public void What_was_written_down_is_read_back()
    {
        var vocabulary = Vocabulary.Of(["zoë", "𐐀"]);
        var read = Vocabulary.Parse(vocabulary.Write());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Tokens, Is.EqualTo(vocabulary.Tokens));
            Assert.That(read.Encode("𐐀ëz"), Is.EqualTo(vocabulary.Encode("𐐀ëz")));
        }
    }

    [Test]
    public void A_dot_is_a_letter_like_others_and_the_boundary_then_has_another_sign()
    {
        var vocabulary = Vocabulary.Of(["st. ives", "8.25"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vocabulary.Tokens[0], Is.EqualTo("¶"));
            Assert.That(vocabulary.Decode(vocabulary.Encode("8.2")), Is.EqualTo("8.2"));
            Assert.That(vocabulary.Encode("8.2"), Has.None.EqualTo(0));
            Assert.That(Vocabulary.Parse(vocabulary.Write()).Tokens, Is.EqualTo(vocabulary.Tokens));
        }
    }

    [Test]
    public void Where_every_sign_is_a_letter_the_vocabulary_is_read_back_all_the_same()
    {
        var vocabulary = Vocabulary.Of([".¶⏎∎"]);
        var read = Vocabulary.Parse(vocabulary.Write());
        Assert.That(read.Decode(read.Encode("∎.¶")), Is.EqualTo("∎.¶"));
    }

    // A letter with its marks, a family of emoji, a flag, a syllable of Devanagari.
    [Test]
    public void Graphemes_are_what_a_reader_takes_for_one_character()
    {
        var vocabulary = Vocabulary.Of(["e\u0301a", "👨‍👩‍👧🇩🇪", "नि"], new Tokenization(TokenKind.Grapheme));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vocabulary.Tokens.Skip(1), Is.EquivalentTo(new[] { "e\u0301", "a", "👨‍👩‍👧", "🇩🇪", "नि" }));
            Assert.That(vocabulary.Decode(vocabulary.Encode("🇩🇪e\u0301")), Is.EqualTo("🇩🇪e\u0301"));
            Assert.That(Vocabulary.Parse(vocabulary.Write()).Tokens, Is.EqualTo(vocabulary.Tokens));
        }
    }

    [TestCase(" ", "do re  mi do", "do mi")]
    [TestCase("-", "do-re-mi-do", "do-mi")]
    public void Words_are_put_together_with_what_stood_between_them(string separator, string text, string other)
    {
        var vocabulary = Vocabulary.Of([text], new Tokenization(TokenKind.Word, separator));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(vocabulary.Tokens, Is.EqualTo(new[] { ".", "do", "mi", "re" }));
            Assert.That(vocabulary.Encode(text), Is.EqualTo(new[] { 1, 3, 2, 1 }));
            Assert.That(vocabulary.Decode(vocabulary.Encode(other)), Is.EqualTo(other));
            Assert.That(Vocabulary.Parse(vocabulary.Write()).Encode(text), Is.EqualTo(vocabulary.Encode(text)));
        }
    }

    [Test]
    public void A_large_vocabulary_is_not_repeated_in_a_message()
    {
        string letters = string.Concat(Enumerable.Range(0x4E00, 5000).Select(codePoint => (char)codePoint));
        Assert.That(Refusal.Of(() => Vocabulary.Of([letters]).Encode("x")), Does.Contain("'x'").And.Length.LessThan(300));
    }

    [TestCase("{}")]
    [TestCase("{\"tokenization\":{\"kind\":\"word\",\"separator\":\" \"},\"tokens\":[\"a\",\"a\"]}")]
    [TestCase("{\"tokenization\":{\"kind\":\"byte\",\"separator\":\" \"},\"tokens\":[\"a\"]}")]
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
