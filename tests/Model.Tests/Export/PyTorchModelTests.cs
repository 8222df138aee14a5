using System.Diagnostics;
using System.Text.Json;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Export;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Export;

sealed class PyTorchModelTests
{
    const int Batch = 7;

    // Imports the module of each folder, and prints its logits of the contexts that stand there.
    const string Driver = """
        import importlib.util, json, os, sys
        for folder in sys.argv[1:]:
            spec = importlib.util.spec_from_file_location("model", os.path.join(folder, "model.py"))
            model = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(model)
            with open(os.path.join(folder, "contexts.json")) as file:
                contexts = json.load(file)
            model.sample()
            print(json.dumps(model.logits(model.torch.tensor(contexts)).flatten().tolist()))
        """;

    static readonly Vocabulary Vocabulary = TestData.Embedded.Vocabulary;

    // All in one call: torch takes seconds to start.
    [Test]
    public void PyTorch_gives_the_logits_of_the_reference()
    {
        string python = FindPython() ?? Ignore();
        using var folder = new TemporaryFolder();
        var expected = new List<(string Name, double[] Logits)>();
        foreach (Recipe recipe in AllNetworks)
        {
            using Mlp network = Networks.WithStatistics(Accelerators.Cpu, recipe, Vocabulary.Count);
            int[] contexts = [.. Enumerable.Range(0, Batch * recipe.Context).Select(i => i * i % Vocabulary.Count)];
            string path = Directory.CreateDirectory(folder.File($"{expected.Count}")).FullName;
            ModelFile model = Model(network);
            model.Write(Path.Combine(path, PyTorchModel.TensorFile));
            File.WriteAllText(Path.Combine(path, PyTorchModel.ScriptFile), PyTorchModel.ScriptOf(model));
            File.WriteAllText(Path.Combine(path, "contexts.json"), JsonSerializer.Serialize(contexts.Chunk(recipe.Context)));
            expected.Add((recipe.Name, new ReferenceNetwork(network).Forward(contexts, Pass.Evaluation)[^1].ToRowMajorArray()));
        }
        string[] lines = Run(python, ["-c", Driver, .. expected.Select((_, i) => folder.File($"{i}"))]).TrimEnd().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(expected.Count));
        using (Assert.EnterMultipleScope())
        {
            foreach (((string name, double[] logits), string line) in expected.Zip(lines))
            {
                Assert.That(
                    JsonSerializer.Deserialize<double[]>(line), Is.EqualTo(logits).Within(1e-5 * logits.Max(Math.Abs)), name);
            }
        }
    }

    [Test]
    public void A_module_has_the_steps_of_the_lecture()
    {
        using Mlp network = Networks.Drawn(Accelerators.Cpu, Recipe.Named("backprop"), Vocabulary.Count);
        Assert.That(PyTorchModel.ScriptOf(Model(network)), Does.Contain("""
                x = t["C"][contexts].flatten(1)
                x = x @ t["W1"] + t["b1"]
                x = t["bngain"] * (x - t["bnmean_running"]) / (t["bnvar_running"] + 1e-05).sqrt() + t["bnbias"]
                x = torch.tanh(x)
                x = x @ t["W2"] + t["b2"]
                return x
            """.ReplaceLineEndings("\n")));
    }

    // A model file is made by anybody.
    [Test]
    public void Texts_of_a_model_stay_texts_in_the_module()
    {
        Recipe recipe = Recipe.Named("backprop") with { Name = "\"\"\"\nimport os #\\" };
        var vocabulary = Vocabulary.Of(["😀\"é\\"]);
        using Mlp network = Networks.Drawn(Accelerators.Cpu, recipe, vocabulary.Count);
        string script = PyTorchModel.ScriptOf(Model(network) with { Vocabulary = vocabulary });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(script, Does.Contain("""RECIPE = "\"\"\"\x0aimport os #\\" """.Trim()));
            Assert.That(script, Does.Contain("""TOKENS = list(".\"\\é😀")"""));
        }
    }

    static IEnumerable<Recipe> AllNetworks => Recipe.All
        .Concat(Networks.Cases.Select(test => (Recipe)test.Arguments[0]!))
        .Concat(
            from activation in Enum.GetValues<Activation>()
            from kind in new[] { NormalizationKind.Layer, NormalizationKind.Group }
            select Recipe.Named("backprop").Normalized(kind, kind == NormalizationKind.Group ? 3 : 1) with
            {
                Name = $"{activation} after {kind} normalization",
                Hidden = [21, 15],
                Context = 4,
                Activation = activation,
            });

    static ModelFile Model(Mlp network) =>
        ModelFile.Of(network, new Configuration(network.Recipe, Steps: 0, DropAt: 0, Seeds.LectureSeed), TestData.Embedded, step: 0);

    static string Ignore()
    {
        Assert.Ignore("neither python3 nor python can import torch");
        return "";
    }

    static string? FindPython() => new[] { "python3", "python" }.FirstOrDefault(name =>
    {
        try
        {
            return Run(name, ["-c", "import importlib.util as u; print(u.find_spec('torch') is not None)"]).Trim() == "True";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    static string Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
