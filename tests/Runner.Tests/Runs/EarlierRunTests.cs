using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>
/// Runs of earlier versions of the program: a small one of each recipe as that version wrote it, with what its commands evaluate and sample
/// found.
/// </summary>
sealed class EarlierRunTests : CommandTests
{
    const string Version = "0.1.0";

    static string Source => Path.Combine(TestContext.CurrentContext.TestDirectory, "Runs", Version);

    [SetUp]
    public void CopyRuns()
    {
        foreach (string file in Directory.EnumerateFiles(Source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.GetRelativePath(Source, file);
            Directory.CreateDirectory(Path.Combine(Folder, Path.GetDirectoryName(copy)!));
            File.Copy(file, Path.Combine(Folder, copy));
        }
    }

    [TestCaseSource(nameof(Recipes))]
    public void A_model_is_evaluated_as_then(string recipe)
    {
        JsonElement losses = Succeed("evaluate", "--model", Model(recipe), "--accelerator", "cpu", "--json").Json.GetProperty("losses");
        JsonElement then = Recorded(recipe, "evaluate.json").GetProperty("losses");
        foreach (string split in new[] { "train", "dev", "test" })
        {
            Assert.That(losses.GetProperty(split).GetDouble(), Is.EqualTo(then.GetProperty(split).GetDouble()).Within(2e-6));
        }
    }

    [TestCaseSource(nameof(Recipes))]
    public void A_model_makes_up_the_same_names(string recipe) => Assert.That(
        Sample(Model(recipe), "--count", "6"),
        Is.EqualTo(Names(Recorded(recipe, "sample.json"))));

    [TestCaseSource(nameof(Recipes))]
    public void A_run_is_inspected(string recipe)
    {
        Succeed("inspect", "--run", recipe, "--accelerator", "cpu");
        Assert.That(Path.Combine(Folder, recipe, "report.html"), Does.Exist);
    }

    static string Model(string recipe) => Path.Combine(recipe, "model.safetensors");

    static JsonElement Recorded(string recipe, string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Source, recipe, file))).RootElement;

    static string[] Names(JsonElement json) => [.. json.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)];
}
