using System.Globalization;
using System.Text;
using Makemore.Gpu.Model.Text;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Text;

sealed class CanonicalFormsTests
{
    // Unicode's own test, the lines whose forms differ. It would notice a normalization that changes nothing, as .NET's does without ICU.
    [Test]
    public void Forms_are_those_of_Unicodes_test()
    {
        var faults = new List<string>();
        int lines = 0;
        foreach (string line in Lines().Where(line => !line.StartsWith('#')))
        {
            string[] texts = Array.ConvertAll(line.Split(';'), Text);
            lines++;
            string[] composed = Array.ConvertAll(texts, text => Of(text, UnicodeForm.Nfc));
            string[] decomposed = Array.ConvertAll(texts, text => Of(text, UnicodeForm.Nfd));
            if (composed.Any(text => text != texts[1]) || decomposed.Any(text => text != texts[2]))
            {
                faults.Add(line);
            }
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Is.GreaterThan(4000));
            Assert.That(faults, Is.Empty);
        }
    }

    [TestCase("")]
    [TestCase("anna")]
    [TestCase("zoë")]
    [TestCase("日本")]
    public void A_text_that_has_the_form_stays(string text) => Assert.That(Of(text, UnicodeForm.Nfc), Is.EqualTo(text));

    [Test]
    public void Every_syllable_of_Hangul_comes_apart_and_together()
    {
        string all = string.Concat(Enumerable.Range(0xAC00, 11_172).Select(codePoint => (char)codePoint));
        string decomposed = Of(all, UnicodeForm.Nfd);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decomposed, Has.Length.GreaterThan(2 * all.Length));
            Assert.That(Of(decomposed, UnicodeForm.Nfc), Is.EqualTo(all));
        }
    }

    [Test]
    public void None_changes_nothing() => Assert.That(Of("e\u0301é", UnicodeForm.None), Is.EqualTo("e\u0301é"));


    static string Of(string text, UnicodeForm form) => CanonicalForms.Of(text, form);

    static string Text(string codePoints) => string.Concat(codePoints.Split(' ').Select(hexadecimal =>
        new Rune(int.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))));

    static IEnumerable<string> Lines()
    {
        using Stream stream = typeof(CanonicalFormsTests).Assembly.GetManifestResourceStream("normalization-test.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
