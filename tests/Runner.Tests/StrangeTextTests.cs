using System.Text.Json.Nodes;
using System.Xml.Linq;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Commands;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests;

/// <summary>Text of a user or of a file never commands the terminal that it is shown on, and never fills it.</summary>
sealed class StrangeTextTests : CommandTests
{
    const string Red = "\u001b[31m";
    const string Backwards = "\u202E";

    static readonly string Strange = $"{Red}{Backwards}\u009B\r{new string('x', 5000)}";

    static IEnumerable<TestCaseData> Options() =>
        from command in CommandLine.Root.Subcommands
        from option in command.Options
        where option.ValueType != typeof(bool) && option.Name.StartsWith("--", StringComparison.Ordinal)
        select new TestCaseData(command.Name, option.Name);

    [TestCaseSource(nameof(Options))]
    public void The_value_of_an_option_is_told_in_short_and_escaped(string command, string option)
    {
        SmallNames.Write();
        AssertTame(Run(command, option, Strange));
        AssertTame(Run(command, $"{option}={Strange}"));
    }

    [Test]
    public void Words_that_are_no_commands_are_told_in_short_and_escaped()
    {
        AssertTame(Run(Strange));
        AssertTame(Run("data", Strange));
        AssertTame(Run("data", $"--json={Strange}"));
        AssertTame(Run("explore", Strange));
        AssertTame(Run("score", Strange, "--model", TrainedModel.Write()));
        AssertTame(Run("sample", "--prompt", Strange, "--model", TrainedModel.Write()));
        AssertTame(Run("data", "--describe", "--name", Strange));
    }

    [Test]
    public void A_stack_trace_is_escaped()
    {
        Outcome outcome = Run("train", "--data", Red + Backwards, "--verbose");
        Assert.That(outcome.Error.Where(IsWild), Is.Empty);
        Assert.That(outcome.ErrorLines, Has.Length.GreaterThan(3));
    }

    [TestCase("format")]
    [TestCase("configuration")]
    [TestCase("vocabulary")]
    [TestCase("data_format")]
    [TestCase("data_source")]
    [TestCase("data_sha256")]
    [TestCase("step")]
    public void What_a_model_says_of_itself_is_told_in_short_and_escaped(string key)
    {
        TensorFile.WithHeader("strange.safetensors", TrainedModel.Write(), header => header["__metadata__"]![key] = Strange);
        AssertTame(Run("evaluate", "--model", "strange.safetensors"));
        AssertTame(
            Run("evaluate", "--model", "strange.safetensors", "--data", SmallNames.Write(), "--json"), mayBeDone: true, mostLines: 4);
    }

    [Test]
    public void Names_of_tensors_and_of_settings_are_told_in_short_and_escaped()
    {
        TensorFile.WithHeader("tensor.safetensors", TrainedModel.Write(), header => header[Strange] = header["C"]!.DeepClone());
        TensorFile.WithHeader("type.safetensors", TrainedModel.Write(), header => header["C"]!["dtype"] = Strange);
        TensorFile.WithHeader("setting.safetensors", TrainedModel.Write(), header =>
        {
            var configuration = JsonNode.Parse(header["__metadata__"]!["configuration"]!.GetValue<string>())!;
            configuration["recipe"]!["l2"] = new JsonObject { [Strange] = 1 };
            header["__metadata__"]!["configuration"] = configuration.ToJsonString();
        });
        foreach (string model in new[] { "tensor.safetensors", "type.safetensors", "setting.safetensors" })
        {
            AssertTame(Run("sample", "--model", model));
            AssertTame(Run("check", "--against", model));
        }
    }

    [Test]
    public void Names_that_a_model_makes_up_do_not_command_a_terminal()
    {
        string vocabulary = $".{Red[0]}{Backwards}\u009B{SmallNames.Vocabulary[4..]}";
        TensorFile.WithHeader("model.safetensors", TrainedModel.Write(), header => header["__metadata__"]!["vocabulary"] = vocabulary);
        AssertTame(Run("sample", "--model", "model.safetensors", "--count", "50"), mayBeDone: true, mostLines: 10, lines: 60);
        Outcome json = Run("sample", "--model", "model.safetensors", "--count", "50", "--json");
        AssertTame(json, mayBeDone: true, mostLines: 60);
        Assert.That(string.Concat(json.Json.GetProperty("names").EnumerateArray()), Does.Contain(Red[..1]).And.Contain(Backwards));
        AssertTame(Run("score", $"{Backwards}{Red[0]}", "--model", "model.safetensors"), mayBeDone: true, lines: 10);
    }

    [TestCase("run\u001b[31m")]
    [TestCase("run\uFFFF")]
    [TestCase("run\u202E")]
    [Platform(Exclude = "Win", Reason = "such folders cannot be there")]
    public void A_report_can_be_made_in_any_folder(string folder)
    {
        Train("--run", folder, "--recipe", "kaiming");
        string vocabulary = $".{Red[0]}\uFFFF{SmallNames.Vocabulary[3..]}";
        string model = Path.Combine(folder, "model.safetensors");
        TensorFile.WithHeader(model, model, header => header["__metadata__"]!["vocabulary"] = vocabulary);
        Write("strange.txt", SmallNames.Text.Replace(SmallNames.Vocabulary[1], 'z').Replace(SmallNames.Vocabulary[2], 'z'));
        AssertTame(Run("inspect", "--run", folder, "--data", "strange.txt"), mayBeDone: true, lines: 1000);
        string report = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.That(report.Where(IsWild), Is.Empty);
        foreach (string svg in Directory.GetFiles(Path.Combine(folder, "plots"), "*.svg"))
        {
            Assert.That(() => XDocument.Load(new StringReader(File.ReadAllText(svg))), Throws.Nothing, svg);
        }
    }

    static void AssertTame(Outcome outcome, bool mayBeDone = false, int mostLines = 2, int lines = 20)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, mayBeDone ? Is.Zero.Or.Not.Zero : Is.Not.Zero);
            Assert.That((outcome.Output + outcome.Error).Where(IsWild), Is.Empty);
            Assert.That(outcome.Error, Does.Not.Contain(new string('x', Explanation.MostOfText + 1)));
            Assert.That(outcome.ErrorLines, Has.Length.LessThanOrEqualTo(mostLines));
            Assert.That(outcome.OutputLines, Has.Length.LessThanOrEqualTo(lines));
        }
    }

    static bool IsWild(char character) =>
        (char.IsControl(character) && character != '\n') || character is '\u202E' or '\uFFFF' || character == '\u009B';
}
