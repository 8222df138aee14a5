using System.Xml;
using Makemore.Gpu.Runner.Output;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Output;

/// <summary>Text of users and of files as it is shown.</summary>
sealed class ShownTextTests
{
    [TestCase("\u001b[31m", "\\u001b[31m")]
    [TestCase("a\0\t\r\nb", "a\\u0000\\u0009\\u000d\\u000ab")]
    [TestCase("\u007F\u0085\u009B", "\\u007f\\u0085\\u009b")]
    [TestCase("\u202Eabc\u2066\u200F\u061C", "\\u202eabc\\u2066\\u200f\\u061c")]
    [TestCase("a\u2028b", "a\\u2028b")]
    [TestCase("\uFFFF\uFFFE\uFDD0", "\\uffff\\ufffe\\ufdd0")]
    public void What_would_not_be_seen_as_it_is_is_escaped(string text, string shown) =>
        Assert.That(ShownText.Line(text), Is.EqualTo(shown));

    // An attribute cannot hold them.
    [Test]
    public void Halves_of_characters_are_escaped() => Assert.That(ShownText.Line("a\uD800b\uDC00"), Is.EqualTo("a\\ud800b\\udc00"));

    [TestCase("zoë щука 王小明 दिव्या דָּוִד")]
    [TestCase("👨‍👩‍👧 𐐀")]
    [TestCase("\\u001b")]
    [TestCase("")]
    public void All_other_text_stays(string text) => Assert.That(ShownText.Line(text), Is.EqualTo(text));

    [Test]
    public void Every_character_is_fit_for_XML_and_no_control()
    {
        string all = string.Concat(Enumerable.Range(0, char.MaxValue + 1).Select(code => $"{(char)code} "));
        string shown = ShownText.Line(all);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => XmlConvert.VerifyXmlChars(shown), Throws.Nothing);
            Assert.That(shown.Where(char.IsControl), Is.Empty);
        }
    }

    [Test]
    public void A_text_of_several_lines_keeps_them() =>
        Assert.That(ShownText.Lines("a\r\nb\u001b\n\nc"), Is.EqualTo("a\nb\\u001b\n\nc"));

    [Test]
    public void A_line_that_is_written_stays_one_line()
    {
        using var written = new StringWriter { NewLine = "\n" };
        using var writer = new ShownWriter(written);
        writer.WriteLine("a\nb");
        writer.WriteLine();
        writer.Write('\u001b');
        Assert.That(written.ToString(), Is.EqualTo("a\\u000ab\n\n\\u001b"));
    }
}
