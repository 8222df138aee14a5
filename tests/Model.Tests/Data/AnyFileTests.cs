using System.IO.Compression;
using System.Text;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Text;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

/// <summary>Files of all kinds: each is read as a person would expect, or refused by a line that helps.</summary>
sealed class AnyFileTests
{
    static readonly Dictionary<string, string[]> Lists = new()
    {
        ["English"] = ["anna", "St. Ives", "O'Neil", "Mary-Ann", "Mr. Blorp", "8.25", "R2-D2"],
        ["French"] = ["zoé", "françois", "noël", "œdipe", "Hélène"],
        ["Polish"] = ["Łucja", "Świętosław", "żaneta"],
        ["Russian"] = ["щука", "Ёжик", "Алёна"],
        ["Greek"] = ["Ὀδυσσεύς", "άννα"],
        ["Hebrew"] = ["דָּוִד", "רָחֵל"],
        ["Arabic"] = ["محمد", "فاطمة"],
        ["Hindi"] = ["निशा", "लक्ष्मी"],
        ["Chinese"] = ["王小明", "李华", "𠀋𠮷"],
        ["Korean"] = ["한글", "김철수"],
        ["Emoji"] = ["👨‍👩‍👧", "🇩🇪🇫🇷", "👍🏽"],
    };

    static readonly Dictionary<string, Encoding> Marked = new()
    {
        ["UTF-8"] = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        ["UTF-8 with a mark"] = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
        ["UTF-16"] = new UnicodeEncoding(bigEndian: false, byteOrderMark: true),
        ["UTF-16 big endian"] = new UnicodeEncoding(bigEndian: true, byteOrderMark: true),
        ["UTF-32"] = new UTF32Encoding(bigEndian: false, byteOrderMark: true),
    };

    static readonly Dictionary<string, string> LineEnds = new()
    {
        ["LF"] = "\n",
        ["CR LF"] = "\r\n",
        ["CR"] = "\r",
        ["U+2028"] = "\u2028",
    };

    static IEnumerable<TestCaseData> Readable =>
        from list in Lists
        from encoding in Marked
        from end in LineEnds
        select new TestCaseData(list.Value, Bytes(encoding.Value, string.Join(end.Value, list.Value) + end.Value))
            .SetArgDisplayNames(list.Key, encoding.Key, end.Key);

    [TestCaseSource(nameof(Readable))]
    public void Names_in_every_encoding_that_says_what_it_is(string[] names, byte[] bytes) =>
        Assert.That(NamesFile.Parse("a list", bytes).Names, Is.EqualTo(Composed(names)));

    [TestCase("windows-1252", "French")]
    [TestCase("iso-8859-2", "Polish")]
    [TestCase("windows-1250", "Polish")]
    [TestCase("koi8-r", "Russian")]
    [TestCase("windows-1251", "Russian")]
    [TestCase("ibm866", "Russian")]
    [TestCase("gb18030", "Chinese")]
    [TestCase("euc-kr", "Korean")]
    [TestCase("utf-16", "Hindi")]
    [TestCase("utf-16BE", "Hindi")]
    [TestCase("utf-7", "French", false)]
    public void Names_in_an_encoding_that_is_named(string encoding, string list, bool isKnown = true)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var format = new NamesFormat { Encoding = encoding };
        byte[] Written() => Encoding.GetEncoding(encoding).GetBytes(string.Join('\n', Lists[list]));
        if (isKnown)
        {
            Assert.That(NamesFile.Parse("a list", Written(), format).Names, Is.EqualTo(Composed(Lists[list])));
        }
        else
        {
            Assert.That(
                Refusal.Of(() => NamesFile.Parse("a list", [0x61], format)),
                Does.Contain($"'{encoding}'").And.Contains("windows-1252"));
        }
    }

    [Test]
    public void A_compressed_file_is_unpacked([ValueSource(nameof(ListNames))] string list)
    {
        byte[] packed = Packed(Encoding.UTF8.GetBytes(string.Join('\n', Lists[list])));
        Assert.That(NamesFile.Parse("a list", packed).Names, Is.EqualTo(Composed(Lists[list])));
    }

    // Comma, semicolon, tab and bar; quotes around a field, in a field, and around a separator.
    [TestCase("id,name,count\n1,anna,417\n2,bob,12\n3,zoé,5\n", "name")]
    [TestCase("id,name,count\n1,anna,417\n2,bob,12\n3,zoé,5\n", "2", "name")]
    [TestCase("1;anna;417\n2;bob;12\n3;zoé;5\n", "2")]
    [TestCase("1\tanna\t417\n2\tbob\t12\n3\tzoé\t5\n", "2")]
    [TestCase("1|anna\n2|bob\n3|zoé\n", "2")]
    [TestCase("name\n\"anna\"\n\"bob\"\n\"zoé\"\n", "name")]
    [TestCase("\"name\",\"town\"\r\n\"anna\",\"Paris, France\"\r\n\"bob\",\"Bonn\"\r\n\"zoé\",\"\"\r\n", "name")]
    [TestCase("town,name\n\"Bonn\nam Rhein\",anna\nUlm,bob\nKiel,zoé\n", "name")]
    [TestCase(" id , name \n 1 , anna \n 2 , bob \n 3 , zoé \n", "name")]
    [TestCase("# of the year\nid,name\n1,anna\n2,bob\n# the last\n3,zoé\n", "name")]
    public void A_column_of_a_table(string text, string column, string first = "")
    {
        var format = new NamesFormat { Column = column, Comment = '#' };
        string[] expected = [.. first.Length > 0 ? [first] : Array.Empty<string>(), "anna", "bob", "zoé"];
        Assert.That(NamesFile.Parse("a list", Encoding.UTF8.GetBytes(text), format).Names, Is.EqualTo(expected));
    }

    [TestCase("1,anna,417\n2,bob,12\n", "looks like a table", "2 commas", "column")]
    [TestCase("1\tanna\n2\tbob\n", "looks like a table", "1 tab;", "column")]
    [TestCase("\"anna\"\n\"bob\"\n", "looks like a table", "in quotes", "column")]
    [TestCase("Paris, France\nBonn, Germany\n", "looks like a table", "column none")]
    [TestCase("anna\0\nbob\0\n", "2 lines", "U+0000", "encoding utf-16")]
    [TestCase("an\u001Bna\nbob\n", "line 1", "U+001B", "skipBad")]
    [TestCase("an\uFFFDna\nbob\n", "line 1", "damaged", "encoding")]
    [TestCase("", "holds no names")]
    [TestCase(" \u00A0 \n\u200B\n", "holds no names")]
    public void What_is_no_list_is_refused_with_the_mend(string text, params string[] parts)
    {
        string message = Refusal.Of(() => NamesFile.Parse("a list", Encoding.UTF8.GetBytes(text)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(message, Does.StartWith("'a list' ").And.Length.LessThan(400).And.Not.Contains("\n"));
            foreach (string part in parts)
            {
                Assert.That(message, Does.Contain(part));
            }
        }
    }

    [TestCase("name", "id,town\n1,Bonn\n2,Ulm\n", "no column 'name'", "'id', 'town'")]
    [TestCase("0", "1,anna\n2,bob\n", "no column '0'")]
    [TestCase("3", "1,anna\n2,bob\n", "no column 3", "separator")]
    [TestCase("2", "1,anna\n2\n", "line 2", "has 1 column and no column 2", "skipBad")]
    public void A_column_that_is_not_there_is_refused(string column, string text, params string[] parts)
    {
        var format = new NamesFormat { Column = column };
        string message = Refusal.Of(() => NamesFile.Parse("a list", Encoding.UTF8.GetBytes(text), format));
        using (Assert.EnterMultipleScope())
        {
            foreach (string part in parts)
            {
                Assert.That(message, Does.Contain(part));
            }
        }
    }

    [Test]
    public void Lines_are_taken_as_they_are_where_asked()
    {
        string[] towns = ["Paris, France", "Bonn, Germany"];
        Assert.That(TestData.Names(towns, new NamesFormat { Column = NamesFormat.NoColumn }).Names, Is.EqualTo(towns));
    }

    [TestCase("anna\nbob, the builder\n")]
    [TestCase("anna, bob\n")]
    [TestCase("\"anna\"\nbob\n")]
    public void What_only_some_lines_have_makes_no_table(string text) =>
        Assert.That(() => NamesFile.Parse("a list", Encoding.UTF8.GetBytes(text)), Throws.Nothing);

    [Test]
    public void Repeats_are_left_out_where_asked()
    {
        NamesFile file = NamesFile.Parse("a list", "anna\nbob\nanna\nann\u0061\n"u8.ToArray(), new NamesFormat { Unique = true });
        Assert.That((string.Join(' ', file.Names), file.Report.Repeats), Is.EqualTo(("anna bob", 2)));
    }

    [Test]
    public void Composed_decomposed_and_mixed_lists_are_the_same_names(
        [Values("\u00E9", "e\u0301")] string one, [Values("\u00E9", "e\u0301")] string other)
    {
        NamesFile file = TestData.Names($"zo{one}", $"h{other}lene");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(file.Names, Is.EqualTo(new[] { "zoé", "hélene" }));
            Assert.That(file.Report.Reformed, Is.EqualTo((one.Length - 1) + (other.Length - 1)));
        }
    }

    // Not whole, not gzip's format behind its mark, and other files that are no text.
    [Test]
    public void Damaged_and_foreign_files_are_refused_in_a_line()
    {
        byte[] packed = Packed(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 1000))));
        byte[][] files =
        [
            packed[..20], [.. packed[..30], 1, 2, 3, 4, 5, 6, 7, 8], [0x1F, 0x8B], "PK\u0003\u0004\u0014\0\0"u8.ToArray(),
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13], "%PDF-1.7\n\u0001\u0002"u8.ToArray(),
            [0x7F, 0x45, 0x4C, 0x46, 2, 1], [0xFF], [0xC0, 0x80], [0xFE, 0xFF, 0xD8, 0x00],
        ];
        using (Assert.EnterMultipleScope())
        {
            foreach (byte[] file in files)
            {
                Assert.That(
                    Refusal.Of(() => NamesFile.Parse("a list", file)),
                    Does.StartWith("'a list' ").And.Length.LessThan(600).And.Not.Contains("\n"), Convert.ToHexString(file));
            }
        }
    }

    [Test]
    public void What_holds_many_zeros_is_refused_before_it_is_read_to_its_end()
    {
        using var endless = new EndlessStream([0, 0, 0, 65]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Refusal.Of(() => NamesFile.Read("a list", endless)), Does.Contain("no text").And.Contains("utf-16"));
            Assert.That(endless.Position, Is.LessThan(1 << 20));
            Assert.That(
                Refusal.Of(() => NamesFile.Parse("a list", Packed(new byte[1 << 20]))), Does.Contain("no text"));
        }
    }

    [Test]
    public void Zeros_of_wide_encodings_are_text()
    {
        string[] names = [.. Enumerable.Range(0, 20_000).Select(i => $"n{i}")];
        byte[] bytes = Encoding.Unicode.GetBytes(string.Join('\n', names));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NamesFile.Parse("a list", bytes, new NamesFormat { Encoding = "utf-16" }).Names, Is.EqualTo(names));
            Assert.That(NamesFile.Parse("a list", Packed([0xFF, 0xFE, .. bytes])).Names, Is.EqualTo(names));
        }
    }

    [Test]
    public void A_list_without_an_end_is_refused_by_its_size()
    {
        using var endless = new EndlessStream("anna\n"u8.ToArray());
        Assert.That(Refusal.Of(() => NamesFile.Read("a list", endless)), Does.Contain("'a list'").And.Contains("256 MiB"));
    }

    [Test]
    public void A_list_that_unpacks_to_much_more_is_refused_by_its_size()
    {
        byte[] part = Packed(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("anna\n", 1 << 20))));
        byte[] packed = [.. Enumerable.Repeat(part, 60).SelectMany(bytes => bytes)];
        Assert.That(Refusal.Of(() => NamesFile.Parse("a list", packed)), Does.Contain("256 MiB"));
    }

    [TestCase("\n")]
    [TestCase("\r")]
    [TestCase("\r\n")]
    [TestCase("\u2028")]
    public void Lines_are_numbered_alike_wherever_blocks_of_reading_end(string end)
    {
        // Of every length, so that a block ends before, within and behind an end of line.
        string[] names = [.. Enumerable.Range(1, 300).Select(length => new string('x', length))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NamesFile.Parse("a list", Encoding.UTF8.GetBytes(string.Join(end, names) + end)).Names, Is.EqualTo(names));
            Assert.That(
                Refusal.Of(() => NamesFile.Parse("a list", Encoding.UTF8.GetBytes(string.Join(end, names) + end + "\u0001"))),
                Does.Contain("line 301 "));
        }
    }

    [Test]
    public void A_line_as_long_as_a_file_is_told_by_its_number_and_can_be_left_out()
    {
        byte[] text = Encoding.UTF8.GetBytes($"anna\n{new string('x', 1 << 20)}\nbob\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Refusal.Of(() => NamesFile.Parse("a list", text)), Does.Contain("line 2 is longer than 65,536").And.Length.LessThan(300));
            Assert.That(
                NamesFile.Parse("a list", text, new NamesFormat { SkipBad = true }).Names, Is.EqualTo(new[] { "anna", "bob" }));
        }
    }

    [Test]
    public void A_table_with_a_row_or_a_field_as_long_as_a_file_is_refused()
    {
        var format = new NamesFormat { Column = "name" };
        string[] tables =
        [
            "id,name\n" + string.Concat(Enumerable.Repeat("a,", 1 << 20)),
            "id,name\n1,\"anna\n" + string.Concat(Enumerable.Repeat("2,bob\n", 1 << 18)),
        ];
        Assert.That(
            tables.Select(table => Refusal.Of(() => NamesFile.Parse("a list", Encoding.UTF8.GetBytes(table), format))),
            Is.All.Contains("longer than 65,536").And.All.Length.LessThan(300));
    }

    static string[] ListNames() => [.. Lists.Keys];

    // Lists are written here as editors write them, which need not be composed.
    static string[] Composed(string[] names) =>
        Array.ConvertAll(names, name => CanonicalForms.Of(name, UnicodeForm.Nfc));

    static byte[] Bytes(Encoding encoding, string text) => [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];

    static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }

    // The same bytes over and over.
    sealed class EndlessStream(byte[] bytes) : Stream
    {
        long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (int i = 0; i < count; i++)
            {
                buffer[offset + i] = bytes[position++ % bytes.Length];
            }
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
