using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checkpoints;

sealed class ImportedModelTests
{
    TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void Remove() => folder.Dispose();

    [TestCaseSource(nameof(AllNetworks))]
    public void A_network_is_known_by_its_tensors(Recipe recipe)
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, recipe);
        var settings = new ImportSettings(
            null, recipe.Activation == Activation.None ? null : recipe.Activation, recipe.Normalization?.Epsilon,
            recipe.Normalization is { Kind: NormalizationKind.Group } normalization ? normalization.Groups : null);
        ImportedModel imported = Import(TensorsOf(network), settings);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Layers(imported.Recipe), Is.EqualTo(Layers(recipe)));
            Assert.That(
                imported.Tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.ToFloats()),
                Is.EqualTo(Networks.Values(network)));
        }
    }

    [Test]
    public void The_recipe_of_the_names_gives_what_tensors_do_not_tell([ValueSource(nameof(Named))] string name)
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named(name));
        ImportedModel imported = Import(TensorsOf(network));
        Assert.That((imported.Recipe.Name, Layers(imported.Recipe)), Is.EqualTo((name, Layers(network.Recipe))));
    }

    // torch.ones((1, H)) is the lectures' way.
    [Test]
    public void Rows_may_be_matrices_of_one_row()
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm"));
        Dictionary<string, StoredTensor> tensors = TensorsOf(network);
        tensors["bngain"] = tensors["bngain"] with { Shape = [1, 200] };
        Assert.That(Import(tensors).Tensors["bngain"].Shape, Is.EqualTo(new[] { 200 }));
    }

    [Test]
    public void Other_floating_point_values_are_converted()
    {
        float[] values = [1.5f, -0.25f, 3];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Converted("F64", Array.ConvertAll(values, value => (double)value)), Is.EqualTo(values));
            Assert.That(Converted("F16", Array.ConvertAll(values, value => (Half)value)), Is.EqualTo(values));
            Assert.That(
                Converted("BF16", Array.ConvertAll(values, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))),
                Is.EqualTo(values));
        }
    }

    [TestCase("C", null, "no tensor C")]
    [TestCase("W1", null, "no tensor W1")]
    [TestCase("bnmean_running", null, "no tensor bnmean_running")]
    [TestCase("b2", new[] { 5 }, "[5]", "[27]")]
    [TestCase("W1", new[] { 33, 200 }, "W1", "torch.nn.Linear")]
    [TestCase("W2", new[] { 27, 200 }, "W2", "[200, 27]", "torch.nn.Linear")]
    [TestCase("W3", new[] { 3, 3 }, "W3", "bnstd_running")]
    [TestCase("C", new[] { 270 }, "C", "matrix")]
    public void Other_tensors_are_refused(string name, int[]? shape, params string[] mentions)
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm"));
        Dictionary<string, StoredTensor> tensors = TensorsOf(network);
        tensors.Remove(name);
        if (shape is not null)
        {
            tensors.Add(name, StoredTensor.Of(shape, new float[shape.Aggregate(1, (product, size) => product * size)]));
        }
        string message = Refusal.Of(() => Import(tensors));
        Assert.That(mentions.Where(mention => !message.Contains(mention, StringComparison.Ordinal)), Is.Empty, message);
    }

    [Test]
    public void Integers_and_values_that_are_no_numbers_are_refused()
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm"));
        Dictionary<string, StoredTensor> tensors = TensorsOf(network);
        using (Assert.EnterMultipleScope())
        {
            tensors["b2"] = new StoredTensor("I32", [27], new byte[27 * 4]);
            Assert.That(Refusal.Of(() => Import(tensors)), Does.Contain("I32"));
            tensors["b2"] = StoredTensor.Of([27], [.. Enumerable.Repeat(float.NaN, 27)]);
            Assert.That(Refusal.Of(() => Import(tensors)), Does.Contain("b2"));
        }
    }

    [Test]
    public void A_model_of_the_program_is_refused()
    {
        string path = folder.File("own.safetensors");
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm"));
        ModelFile.Of(network, new Configuration(network.Recipe, 1, 1, 1), TestData.Embedded, step: 1).Write(path);
        Assert.That(Refusal.Of(() => ImportedModel.Read(path, new ImportSettings())), Does.Contain("needs no import"));
    }

    [Test]
    public void The_tokens_are_the_lectures_or_those_of_the_names()
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm"), vocabulary: 4);
        using Mlp lecture = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm"));
        ImportedModel imported = Import(TensorsOf(network));
        string[] names = ["abc", "cba", "bac", "ab", "ca", "aaa", "b", "cc", "acb", "bb"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(imported.WithNames(TestData.Names(names)).Vocabulary.Tokens, Is.EqualTo(new[] { ".", "a", "b", "c" }));
            Assert.That(
                string.Concat(Import(TensorsOf(lecture)).WithLectureVocabulary().Vocabulary.Tokens),
                Is.EqualTo(".abcdefghijklmnopqrstuvwxyz"));
            Assert.That(Refusal.Of(() => imported.WithLectureVocabulary()), Does.Contain("4 tokens").And.Contain("--data"));
            Assert.That(Refusal.Of(() => imported.WithNames(TestData.Embedded.File)), Does.Contain("4").And.Contain("--data"));
        }
    }

    static readonly string[] Named = ["kaiming", "batchnorm", "backprop", "deep-linear", "deep-tanh", "deep-batchnorm"];

    // The L2 loss is of training, and where epsilon is on the deviation, that is for a training here to say.
    static IEnumerable<TestCaseData> AllNetworks => Networks.AsCases(
    [
        .. Recipe.All,
        .. Networks.Cases.Select(test => (Recipe)test.Arguments[0]!)
            .Where(recipe => recipe.Normalization is not { EpsilonOn: EpsilonTarget.Deviation })
            .Select(recipe => recipe with { L2 = new Dictionary<string, double>() }),
        Recipe.Named("backprop").Normalized(NormalizationKind.Layer) with { Name = "layer" },
        Recipe.Named("backprop").Normalized(NormalizationKind.Group, 4) with { Name = "group" },
        Recipe.Named("deep-batchnorm").Normalized(NormalizationKind.Layer) with { Name = "deep, layer" },
        Recipe.Named("deep-batchnorm").Normalized(NormalizationKind.Group, 1) with { Name = "deep, one group", Hidden = [20, 10] },
    ]);

    static Dictionary<string, StoredTensor> TensorsOf(Mlp network) =>
        network.Tensors.ToDictionary(tensor => tensor.Name, tensor => StoredTensor.Of(tensor.Shape, tensor.ToArray()));

    // What training alone needs is not compared.
    static LayerShape[] Layers(Recipe recipe) =>
    [
        .. NetworkShape.Of(recipe, 27).Layers.Select(layer => layer is BatchNormShape norm
            ? norm with { Constants = new BatchNormConstants(norm.Constants.Epsilon, Momentum: 0, norm.Constants.Running) }
            : layer),
    ];

    ImportedModel Import(Dictionary<string, StoredTensor> tensors, ImportSettings? settings = null)
    {
        string path = folder.File("torch.safetensors");
        new SafeTensors(tensors, new Dictionary<string, string>()).Write(path);
        return ImportedModel.Read(path, settings ?? new ImportSettings());
    }

    float[] Converted<T>(string type, T[] values)
        where T : unmanaged
    {
        using Mlp network = Networks.Drawn(Accelerators.Cpu, Recipe.Named("kaiming") with { Hidden = [3] });
        Dictionary<string, StoredTensor> tensors = TensorsOf(network);
        tensors["b1"] = new StoredTensor(type, [3], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        return Import(tensors).Tensors["b1"].ToFloats();
    }
}
