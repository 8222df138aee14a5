using System.Text;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Data;

/// <summary>Lists of names that are refused, and ugly ones that are read as a person would expect.</summary>
sealed class BadNamesTests : CommandTests
{
    const string BadFile = "bad.txt";

    static IEnumerable<TestCaseData> Lists()
    {
        yield return List("empty", "", "no names");
        yield return List("blank lines only", "\n \n\t\r\n", "no names");
        yield return List("a byte order mark only", "\uFEFF", "no names");
        yield return List("a table", "1,anna\n2,ben\n", "looks like a table", "--column");
        yield return List("a control character", "anna\nb\u0007n\n", "line 2", "control character");
        yield return List("a zero byte", "anna\nb\0n\n", "line 2", "control character");
        yield return List("a tab within a name", "anna\tben\n", "line 1", "control character");
        yield return List("a name of 1,001 characters", $"anna\n{new string('x', 1001)}\n", "line 2", "1001");
        yield return List("one name only", "anna\n", "too few names");
        yield return List("five names", "anna\nben\ncarla\ndora\nemil\n", "too few names", "6");
        yield return List("one name among blank lines", "\n\n\n\nanna\n\n\n\n", "too few names");
        yield return Bytes("Latin 1", [0x4D, 0xFC, 0x6C, 0x0A], "UTF-8");
        yield return Bytes("UTF-16 without a mark", Encoding.Unicode.GetBytes(SmallNames.Text), "control character");
        yield return Bytes("cut within a character", Encoding.UTF8.GetBytes(SmallNames.Text + "zoë")[..^1], "UTF-8");
        yield return Bytes("a picture", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13], "UTF-8");
        yield return Bytes("a program", [0x7F, .. "ELF"u8, 2, 1, 1, 0, 0, 0, 0], "control character");

        static TestCaseData List(string what, string text, params string[] mentions) => Bytes(what, Encoding.UTF8.GetBytes(text), mentions);

        static TestCaseData Bytes(string what, byte[] bytes, params string[] mentions) =>
            new TestCaseData(bytes, mentions).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Lists))]
    public void A_list_that_cannot_be_trained_on_is_refused(byte[] bytes, string[] mentions)
    {
        Write(BadFile, bytes);
        Refuse(["train", "--data", BadFile], [$"'{BadFile}'", .. mentions]);
    }

    [TestCaseSource(nameof(Lists))]
    public void Nor_can_it_be_evaluated_on_or_checked_on(byte[] bytes, string[] mentions)
    {
        Write(BadFile, bytes);
        Refuse(["check", "--data", BadFile], [$"'{BadFile}'", .. mentions]);
        Assert.That(Run("evaluate", "--model", TrainedModel.Write(), "--data", BadFile).ExitCode, Is.EqualTo(WrongCall));
    }

    [TestCase("nowhere.txt", "no such file")]
    [TestCase("nowhere/names.txt", "no such file")]
    [TestCase(".", "folder")]
    [TestCase("")]
    public void A_file_that_cannot_be_read_is_refused(string path, params string[] mentions)
    {
        Outcome outcome = Refuse(["train", "--data", path], [$"'{path}'", .. mentions]);
        Assert.That(outcome.Error, Does.Not.Contain("Parameter"));
    }

    [Test]
    public void A_file_below_a_file_is_refused() => Refuse(["train", "--data", $"{SmallNames.Write()}/names.txt"], "small.txt/names.txt");

    static IEnumerable<TestCaseData> Forms()
    {
        string clean = string.Join('\n', SmallNames.All) + "\n";
        yield return Form("CRLF", clean.ReplaceLineEndings("\r\n"));
        yield return Form("blank lines", "\n\n" + clean.Replace("\n", "\n\n", StringComparison.Ordinal));
        yield return Form("blank lines with CRLF", clean.ReplaceLineEndings("\r\n\r\n"));
        yield return Form("no last newline", clean.TrimEnd());
        yield return Form("no last newline with CRLF", clean.TrimEnd().ReplaceLineEndings("\r\n"));
        yield return Form("a byte order mark", "\uFEFF" + clean);
        yield return Form("white space around names", " " + clean.Replace("\n", " \t\n  ", StringComparison.Ordinal));

        yield return Form("UTF-16", (byte[])[0xFF, 0xFE, .. Encoding.Unicode.GetBytes(clean)]);
        yield return Form("line ends of old Macs", clean.ReplaceLineEndings("\r"));
        yield return Form("byte order marks in between", clean.Replace("\n", "\n\uFEFF", StringComparison.Ordinal));
        yield return Form("a table", "name\ttown\n" + clean.Replace("\n", "\tBonn\n", StringComparison.Ordinal), "--column", "name");
        yield return Form("a table without a header", clean.Replace("\n", ";Bonn\n", StringComparison.Ordinal), "--column", "1");
        yield return Form("large letters", clean.ToUpperInvariant(), "--lower");
        yield return Form("repeats", clean + clean, "--unique");
        yield return Form("comments", "# names\n" + clean, "--comment", "#");
        yield return Form("damage", clean + "d\u0001mage\n", "--skip-bad");
        yield return Form("another encoding", Encoding.BigEndianUnicode.GetBytes(clean), "--encoding", "utf-16BE");

        static TestCaseData Form(string what, object text, params string[] options) =>
            new TestCaseData(text as byte[] ?? Encoding.UTF8.GetBytes((string)text), options).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Forms))]
    public void A_list_in_another_form_trains_the_same_model(byte[] text, string[] options)
    {
        Write("ugly.txt", text);
        Train([.. TrainedModel.Settings, "--data", "ugly.txt", "--run", "run", .. options]);
        TensorFile.AssertSameTensors("run/model.safetensors", TrainedModel.Write());
    }

    [Test]
    public void A_model_finds_its_names_again_however_they_were_read()
    {
        Write("table.csv", "id;name\n" + string.Concat(SmallNames.All.Select((name, i) => $"{i};{name.ToUpperInvariant()}.\n")));
        Train([.. TrainedModel.Settings, "--data", "table.csv", "--column", "name", "--lower", "--run", "run"]);
        string losses = Succeed("evaluate", "--model", "run/model.safetensors").Output;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Succeed("inspect", "--run", "run").Output, Does.Contain("report"));
            Assert.That(
                Succeed("evaluate", "--model", "run/model.safetensors", "--data", "table.csv", "--column", "2", "--skip-bad").ExitCode,
                Is.Zero);
            Assert.That(losses, Does.Contain("train").And.Contain("dev"));
        }
    }

    [TestCase("-")]
    [TestCase("/dev/stdin")]
    public void Names_may_come_from_a_stream_which_a_model_cannot_read_again(string path)
    {
        if (path != "-" && !File.Exists(path))
        {
            Assert.Ignore($"{path} is not there");
        }
        using (var training = new MakemoreProcess(
            ["train", .. TrainedModel.Settings, "--data", path, "--run", "run"], Encoding.UTF8.GetBytes(SmallNames.Text)))
        {
            Assert.That(training.End().ExitCode, Is.Zero);
        }
        TensorFile.AssertSameTensors("run/model.safetensors", TrainedModel.Write());
        Outcome again = MakemoreProcess.Run(["evaluate", "--model", "run/model.safetensors"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.ExitCode, Is.EqualTo(WrongCall));
            Assert.That(again.Error, Does.Contain("trained on").And.Contain("--data"));
        }
    }

    [TestCase("--separator", ";", "--column")]
    [TestCase("--token-separator", "-", "--tokens word")]
    [TestCase("--comment", "##", "one character")]
    [TestCase("--encoding", "klingon", "'klingon'")]
    [TestCase("--normalize", "nfkc", "nfc or nfd or none")]
    [TestCase("--tokens", "byte", "rune or grapheme or word")]
    [TestCase("--split-by", "letter", "line or name")]
    public void Options_that_cannot_be_are_refused(string option, string value, string mention) =>
        Refuse(["train", "--data", SmallNames.Write(), option, value], option, mention);

    [Test]
    public void What_was_changed_and_what_repeats_is_told()
    {
        Write("list.txt", string.Concat(SmallNames.All.Select(name => name + "\n")) + "zoe\u0301\nzo\u200Be\nzoe\nzoe\nzoe\nx\u0001\n");
        string output = Train([.. TrainedModel.Settings, "--data", "list.txt", "--run", "run", "--skip-bad"]).Output;
        Assert.That(
            output,
            Does.Match(@"\ntext +1 line that is no name left out, 1 name put into NFC, 1 name without its invisible characters\n")
                .And.Match(@"\nrepeats +4 repeat an earlier name"));
    }

    [Test]
    public void Six_names_are_enough() => Train("--data", Write("six.txt", "anna\nben\ncarla\ndora\nemil\nfritz"));

    [Test]
    public void One_letter_is_enough() => Train("--data", Write("a.txt", "a\na\na\na\na\na"));

    [Test]
    public void A_name_may_have_1000_characters() =>
        Train("--data", Write("long.txt", SmallNames.Text + string.Concat(Enumerable.Repeat("abcde", 200))), "--steps", "2");
}
