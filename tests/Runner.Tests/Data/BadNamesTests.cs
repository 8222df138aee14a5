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
        yield return List("a name with a dot", "anna\nbe.n\ncarla\n", "line 2", "be.n", "remove");
        yield return List("a dot", "anna\n.\n", "line 2", "'.'");
        yield return List("a control character", "anna\nb\u0007n\n", "line 2", "control character");
        yield return List("a zero byte", "anna\nb\0n\n", "line 2", "control character");
        yield return List("a tab within a name", "anna\tben\n", "line 1", "control character");
        yield return List("a name of 1,001 characters", $"anna\n{new string('x', 1001)}\n", "line 2", "1001");
        yield return List("one name only", "anna\n", "too few names");
        yield return List("five names", "anna\nben\ncarla\ndora\nemil\n", "too few names", "6");
        yield return List("one name among blank lines", "\n\n\n\nanna\n\n\n\n", "too few names");
        yield return Bytes("Latin 1", [0x4D, 0xFC, 0x6C, 0x0A], "UTF-8");
        yield return Bytes("UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(SmallNames.Text)], "UTF-8");
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

        static TestCaseData Form(string what, string text) => new TestCaseData(text).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Forms))]
    public void A_list_in_another_form_trains_the_same_model(string text)
    {
        Train([.. TrainedModel.Settings, "--data", Write("ugly.txt", text), "--run", "run"]);
        TensorFile.AssertSameTensors("run/model.safetensors", TrainedModel.Write());
    }

    [Test]
    public void Six_names_are_enough() => Train("--data", Write("six.txt", "anna\nben\ncarla\ndora\nemil\nfritz"));

    [Test]
    public void One_letter_is_enough() => Train("--data", Write("a.txt", "a\na\na\na\na\na"));

    [Test]
    public void A_name_may_have_1000_characters() =>
        Train("--data", Write("long.txt", SmallNames.Text + string.Concat(Enumerable.Repeat("abcde", 200))), "--steps", "2");
}
