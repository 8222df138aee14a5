using System.Text;
using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests;

/// <summary>What the real program writes is UTF-8, byte for byte, whatever the locale asks for.</summary>
[TestFixture("C")]
[TestFixture("POSIX")]
[TestFixture("en_US.ISO-8859-1")]
[TestFixture("en_US.US-ASCII")]
sealed class EncodingTests(string locale) : CommandTests
{
    const string ListFile = "scripts.txt";
    const string Unknown = "☃";
    const string RunFolder = "小";

    // Accents; from right to left; Chinese; outside the basic plane, and joined.
    static readonly string[] Names = ["zoë", "née", "Åsa", "שלום", "אבג", "王小明", "😀a", "👩\u200D🚀"];

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static readonly string[] Described = ["data", "--describe", "--data", ListFile];

    [SetUp]
    public void WriteNames() => Write(ListFile, string.Join('\n', Names));

    [Test]
    public void A_description_is_what_the_program_writes_in_UTF8() => AssertSameBytes(Described);

    [Test]
    public void Json_is_what_the_program_writes_in_UTF8_and_so_is_the_text_beside_it()
    {
        (string output, string _) = AssertSameBytes([.. Described, "--json"]);
        IEnumerable<string?> names = JsonDocument.Parse(output).RootElement.GetProperty("first_names").EnumerateArray()
            .Select(name => name.GetString());
        Assert.That(names, Is.EqualTo(Names));
    }

    [Test]
    public void An_error_is_what_the_program_writes_in_UTF8()
    {
        (string output, string error) = AssertSameBytes([.. Described, "--name", Unknown]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.Empty);
            Assert.That(error, Does.StartWith($"makemore: --name is '{Unknown}', "));
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "there standard input is no file")]
    public void Names_on_standard_input_are_read_as_UTF8()
    {
        (string output, string error) = Exchange(["data", "--describe", "--data", "/dev/stdin"], File.ReadAllBytes(ListFile));
        Assert.That(Lines(output), Has.One.EqualTo(string.Join(", ", Names)), error);
    }

    [Test]
    public void A_model_is_trained_evaluated_and_sampled_in_UTF8()
    {
        (string trained, string error) = Exchange(Training("--data", ListFile, "--bn-epsilon", "1e-5", "--run", RunFolder));
        Assert.That(Lines(trained), Has.One.EqualTo($"run folder   {RunFolder}"), error);
        string[] ofModel = ["--model", Path.Combine(RunFolder, "model.safetensors"), "--accelerator", "cpu"];
        (string sampled, string _) = AssertSameBytes(["sample", .. ofModel]);
        Assert.That(sampled, Does.Contain("ë").And.Contain("א").And.Contain("王").And.Contain("😀"));
        AssertSameBytes(["sample", .. ofModel, "--json"]);
        AssertSameBytes(["sample", .. ofModel, "--prompt", Unknown]);
        AssertSameBytes(["evaluate", .. ofModel, "--data", ListFile, "--json"]);
    }

    // Within this process the program writes characters, and no encoding comes into it.
    (string Output, string Error) AssertSameBytes(string[] call)
    {
        (string output, string error) = Exchange(call);
        Outcome expected = Run(call);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(expected.Output));
            Assert.That(error, Is.EqualTo(expected.Error));
        }
        return (output, error);
    }

    // A byte that is no UTF-8 throws, and a byte-order mark stays as a character.
    (string Output, string Error) Exchange(string[] call, byte[]? input = null)
    {
        (byte[] output, byte[] error) = MakemoreProcess.Exchange(call, input ?? [], ("LC_ALL", locale), ("LANG", locale));
        return (Strict.GetString(output), Strict.GetString(error));
    }

    static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');
}
