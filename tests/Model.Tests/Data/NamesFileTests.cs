using System.Security.Cryptography;
using System.Text;
using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class NamesFileTests
{
    [TestCase("anna\nbob\n", TestName = "Lines_are_names")]
    [TestCase("anna\nbob", TestName = "The_last_line_may_lack_its_end")]
    [TestCase("anna\r\nbob\r\n", TestName = "Lines_may_end_as_on_Windows")]
    [TestCase("\n\nanna\n  \n\t\nbob\n\n", TestName = "Blank_lines_mean_nothing")]
    [TestCase("  anna\t\n bob \n", TestName = "White_space_around_names_means_nothing")]
    [TestCase("\uFEFFanna\nbob\n", TestName = "A_byte_order_mark_means_nothing")]
    public void Names_of(string text) => Assert.That(Parse(text).Names, Is.EqualTo(new[] { "anna", "bob" }));

    [Test]
    public void White_space_within_a_name_stays() => Assert.That(Parse("mary ann\n").Names, Is.EqualTo(new[] { "mary ann" }));

    [Test]
    public void Letters_beyond_ascii_and_beyond_sixteen_bits_survive() =>
        Assert.That(Parse("zoë\nщука\n𐐀𐐁\n").Names, Is.EqualTo(new[] { "zoë", "щука", "𐐀𐐁" }));

    [Test]
    public void The_fingerprint_is_that_of_the_bytes()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("\uFEFF anna\r\n");
        Assert.That(NamesFile.Parse("a list", bytes).Sha256, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(bytes))));
    }

    [TestCase("", "'a list' holds no names")]
    [TestCase("\n  \r\n\n", "'a list' holds no names")]
    [TestCase("\uFEFF", "'a list' holds no names")]
    [TestCase("anna\nbo\0b\n", "'a list' has a line that is no name: line 2 holds the control character U+0000")]
    [TestCase("an\u0007na\nbob\nc\u0001\n", "'a list' has 2 lines that are no names: line 1 holds the control character U+0007; line 3")]
    public void A_text_that_is_no_list_of_names_is_refused(string text, string reason) =>
        Assert.That(Refusal.Of(() => Parse(text)), Does.StartWith(reason));

    [Test]
    public void Bytes_that_are_no_UTF_8_are_told_by_their_lines_with_the_mend()
    {
        byte[] bytes = [0x61, 0x0A, 0xE9, 0x0A, 0x62, 0x0A];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Refusal.Of(() => NamesFile.Parse("a list", bytes)),
                Does.StartWith("'a list'").And.Contains("line 2").And.Contains("encoding"));
            NamesFile skipped = NamesFile.Parse("a list", bytes, new NamesFormat { SkipBad = true });
            Assert.That(skipped.Names, Is.EqualTo(new[] { "a", "b" }));
            Assert.That((skipped.Report.Faults, skipped.Report.FirstFaults.Single().Line), Is.EqualTo((1, 2)));
            Assert.That(
                NamesFile.Parse("a list", bytes, new NamesFormat { Encoding = "windows-1252" }).Names, Is.EqualTo(new[] { "a", "é", "b" }));
        }
    }

    [Test]
    public void All_faulty_lines_are_counted_and_ten_are_told()
    {
        string message = Refusal.Of(() => Parse(string.Concat(Enumerable.Repeat("an\u0001na\n", 15))));
        Assert.That(message, Does.Contain("15 lines").And.Contains("line 10 ").And.Contains("and 5 more").And.Not.Contains("line 11 "));
    }

    [TestCase("x")]
    [TestCase("𐐀")]
    public void A_name_may_have_a_thousand_characters(string character)
    {
        string name = string.Concat(Enumerable.Repeat(character, NamesFile.LongestName));
        Assert.That(Parse(name).Names, Is.EqualTo(new[] { name }));
    }

    [Test]
    public void A_name_of_a_thousand_and_one_characters_is_refused_in_a_short_line()
    {
        string message = Refusal.Of(() => Parse("anna\n" + new string('x', NamesFile.LongestName + 1)));
        Assert.That(message, Does.Contain("line 2").And.Contains("1001 characters").And.Length.LessThan(260));
    }

    [Test]
    public void A_name_is_shortened_between_characters()
    {
        string message = Refusal.Of(() => Parse("x" + string.Concat(Enumerable.Repeat("𐐀", NamesFile.LongestName))));
        Assert.That(message.EnumerateRunes(), Has.None.EqualTo(Rune.ReplacementChar));
    }

    [Test]
    public void A_file_is_read()
    {
        using var folder = new TemporaryFolder();
        string path = folder.With("names.txt", "anna\nbob\n"u8);
        NamesFile file = NamesFile.Read(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Names, Is.EqualTo(new[] { "anna", "bob" }));
            Assert.That(file.Source, Is.EqualTo(path));
        }
    }

    [Test]
    public void A_file_that_is_not_there_is_refused()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [folder.File("names.txt"), Path.Combine(folder.File("nowhere"), "names.txt")];
        Assert.That(
            paths.Select(path => Refusal.Of(() => NamesFile.Read(path))),
            Is.All.Contains("there is no such file").And.All.Contains("names.txt"));
    }

    [Test]
    public void A_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.That(Refusal.Of(() => NamesFile.Read(folder.Path)), Does.Contain(folder.Path).And.Contains("it is a folder"));
    }

    [TestCase("")]
    [TestCase("a\0b")]
    public void A_path_that_cannot_be_is_refused(string path) =>
        Assert.That(Refusal.Of(() => NamesFile.Read(path)), Does.StartWith("names cannot be read"));

    [Test]
    public void The_embedded_list_has_thousands_of_names_of_small_letters()
    {
        IReadOnlyList<string> names = NamesFile.Embedded().Names;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Is.Unique);
            Assert.That(names, Has.Count.GreaterThanOrEqualTo(3000));
            Assert.That(names, Has.All.Matches("^[a-z]+$"));
            Assert.That(names.SelectMany(name => name).Distinct().Count(), Is.EqualTo(26));
        }
    }

    static NamesFile Parse(string text) => NamesFile.Parse("a list", Encoding.UTF8.GetBytes(text));
}
