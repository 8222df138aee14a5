using CsCheck;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checkpoints;

sealed class ModelFileTests
{
    static readonly KernelSet Kernels = Accelerators.Cpu;
    static readonly Recipe Recipe = Recipe.Named("batchnorm") with { Hidden = [5] };
    static readonly Configuration Configuration = new(Recipe, Steps: 300, DropAt: 150, Seed: 7);

    TemporaryFolder folder = null!;
    string path = null!;
    Mlp network = null!;

    [SetUp]
    public void WriteModel()
    {
        folder = new TemporaryFolder();
        path = folder.File("model.safetensors");
        network = Networks.WithStatistics(Kernels, Recipe);
        ModelFile.Of(network, Configuration, TestData.Embedded, step: 201).Write(path);
    }

    [TearDown]
    public void Remove()
    {
        network.Dispose();
        folder.Dispose();
    }

    [Test]
    public void A_model_is_what_was_written()
    {
        var read = ModelFile.Read(path);
        using Mlp loaded = read.Load(Kernels);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Networks.Values(loaded), Is.EqualTo(Networks.Values(network)));
            Assert.That(read.Configuration.ToJson(), Is.EqualTo(Configuration.ToJson()));
            Assert.That(read.Vocabulary.Tokens, Is.EqualTo(TestData.Embedded.Vocabulary.Tokens));
            Assert.That(
                (read.DataSource, read.DataSha256, read.Step),
                Is.EqualTo((TestData.Embedded.File.Source, TestData.Embedded.File.Sha256, 201)));
        }
    }

    [Test]
    public void A_model_tells_which_names_it_knows() =>
        Assert.That(ModelFile.Read(path).KnownNames!.ToText(), Is.EqualTo(KnownNames.Of(TestData.Embedded).ToText()));

    [Test]
    public void A_model_of_an_earlier_version_does_not_tell() =>
        Assert.That(Read(Without("names_train", "names_dev", "names_test")).KnownNames, Is.Null);

    [Test]
    public void A_model_without_the_names_of_one_split_is_refused([Values("names_train", "names_dev", "names_test")] string key) =>
        Assert.That(Refusal.Of(() => Read(Without(key))), Does.Contain($"no '{key}'"));

    [TestCase("?")]
    [TestCase("AAAA")]
    public void A_model_with_other_names_than_hashes_is_refused(string names) =>
        Assert.That(() => Refusal.Of(() => Read(With("names_dev", names))), Throws.Nothing);

    // In letters, as numbers to the base of 26.
    [TestCase(KnownNames.MostStored, true)]
    [TestCase(KnownNames.MostStored + 1, false)]
    public void The_names_are_left_out_where_they_are_too_many(int count, bool isStored)
    {
        Dataset data = Dataset.Create(TestData.Names([.. Enumerable.Range(0, count).Select(Name)]), context: 3);
        Assert.That(ModelFile.Of(network, Configuration, data, step: 1).KnownNames is not null, Is.EqualTo(isStored));

        static string Name(int number) => string.Concat(
            Enumerable.Range(0, 4).Select(digit => (char)('a' + (number / (int)Math.Pow(26, digit) % 26))));
    }

    [TestCaseSource(typeof(Networks), nameof(Networks.Recipes))]
    public void A_model_of_each_recipe_is_what_was_written(Recipe recipe)
    {
        using Mlp written = Networks.WithStatistics(Kernels, recipe);
        ModelFile.Of(written, Configuration with { Recipe = recipe }, TestData.Embedded, step: 201).Write(path);
        using Mlp loaded = ModelFile.Read(path).Load(Kernels);
        Assert.That(Networks.Values(loaded), Is.EqualTo(Networks.Values(written)));
    }

    [Test]
    public void A_model_runs_on_every_accelerator_as_it_was(
        [ValueSource(typeof(Accelerators), nameof(Accelerators.Names))] string accelerator)
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        using Mlp loaded = ModelFile.Read(path).Load(kernels);
        var sampler = new Sampler(kernels, loaded, TestData.Embedded.Vocabulary, Strategy.Layered);
        var original = new Sampler(Kernels, network, TestData.Embedded.Vocabulary, Strategy.Layered);
        Assert.That(sampler.Sample(3), Is.EqualTo(original.Sample(3)));
    }

    [Test]
    public void Tensors_have_the_lectures_names_in_the_file() =>
        Assert.That(
            SafeTensors.Read(path).Tensors.Select(pair => $"{pair.Key} {pair.Value.Type} [{string.Join(',', pair.Value.Shape)}]"),
            Is.EquivalentTo(new[]
            {
                "C F32 [27,10]", "W1 F32 [30,5]", "bngain F32 [5]", "bnbias F32 [5]", "W2 F32 [5,27]", "b2 F32 [27]",
                "bnmean_running F32 [5]", "bnstd_running F32 [5]",
            }));

    [Test]
    public void A_model_without_a_key_of_its_metadata_is_refused(
        [Values("format", "configuration", "vocabulary", "data_source", "data_sha256", "step")] string key) =>
        Assert.That(Refusal.Of(() => Read(Without(key))), Does.Contain($"no '{key}'"));

    [TestCase("format", "makemore.gpu/2")]
    [TestCase("format", "pt")]
    [TestCase("configuration", "")]
    [TestCase("configuration", "{}")]
    [TestCase("configuration", "null")]
    [TestCase("configuration", "[\n]")]
    [TestCase("vocabulary", "")]
    [TestCase("vocabulary", "abc")]
    [TestCase("vocabulary", ".aa")]
    [TestCase("step", "")]
    [TestCase("step", "x\ny")]
    [TestCase("step", "-1")]
    [TestCase("step", "1.5")]
    [TestCase("step", "99999999999")]
    public void A_model_with_other_metadata_is_refused(string key, string value) =>
        Assert.That(() => Refusal.Of(() => Read(With(key, value))), Throws.Nothing);

    [Test]
    public void Null_in_the_metadata_is_refused(
        [Values("format", "configuration", "vocabulary", "data_source", "data_sha256", "step")] string key) =>
        Assert.That(() => Refusal.Of(() => Read(With(key, null!))), Throws.Nothing);

    [Test]
    public void A_configuration_that_cannot_be_is_refused() =>
        Assert.That(
            Refusal.Of(() => Read(With("configuration", (Configuration with { Recipe = Recipe with { Hidden = [0] } }).ToJson()))),
            Does.Contain("Hidden"));

    [Test]
    public void A_broken_configuration_is_refused_in_a_short_line()
    {
        string broken = Configuration.ToJson().Replace("false", "talse", StringComparison.Ordinal);
        Assert.That(Refusal.Of(() => Read(With("configuration", broken))), Has.Length.LessThan(300));
    }

    [Test]
    public void A_model_without_a_tensor_is_refused([Values("C", "W2", "bnstd_running")] string name) =>
        Assert.That(Refusal.Of(() => Load(file => file.Remove(name))), Does.Contain($"no tensor {name}"));

    [Test]
    public void A_model_with_a_further_tensor_is_refused() =>
        Assert.That(Refusal.Of(() => Load(file => file.Add("b1", StoredTensor.Of([5], new float[5])))), Does.Contain("b1"));

    [Test]
    public void A_tensor_of_another_shape_is_refused() =>
        Assert.That(
            Refusal.Of(() => Load(file => file["W1"] = file["W1"] with { Shape = [5, 30] })),
            Does.Contain("W1 is F32 [5, 30] and must be F32 [30, 5]"));

    [Test]
    public void A_tensor_of_another_type_is_refused() =>
        Assert.That(Refusal.Of(() => Load(file => file["b2"] = file["b2"] with { Type = "I32" })), Does.Contain("b2 is I32 [27]"));

    [Test]
    public void Tensors_for_another_vocabulary_are_refused() =>
        Assert.That(
            Refusal.Of(() => Read(With("vocabulary", TestData.Embedded.Vocabulary.Write() + "é"))),
            Does.Contain("[27, 10]").And.Contains("[28, 10]"));

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void Weights_that_are_no_finite_numbers_are_refused(float value) =>
        Assert.That(
            Refusal.Of(() => Load(file => file["b2"] = StoredTensor.Of([27], [.. new float[26], value]))),
            Does.Contain("not finite").And.Contains("LearningRate"));

    [Test]
    public void A_tensor_of_another_shape_is_refused_before_its_values_are_read()
    {
        Read(SafeTensors.Read(path));
        byte[] bytes = File.ReadAllBytes(path);
        int header = BitConverter.ToInt32(bytes);
        string text = System.Text.Encoding.UTF8.GetString(bytes, 8, header).Replace("[30,5]", "[5,30]", StringComparison.Ordinal);
        System.Text.Encoding.UTF8.GetBytes(text).CopyTo(bytes, 8);
        string other = folder.With("other", bytes);
        Assert.That(Refusal.Of(() => ModelFile.Read(other)), Does.Contain("W1 is F32 [5, 30]"));
    }

    [TestCase("data_format", """{"tokens":{"kind":"word","separator":""}}""")]
    [TestCase("data_format", """{"separator":""}""")]
    [TestCase("vocabulary", """{"tokenization":{"kind":"word","separator":""},"tokens":["a"]}""")]
    public void Separators_of_no_length_are_refused(string key, string value) =>
        Assert.That(() => Refusal.Of(() => Read(With(key, value))), Throws.Nothing);

    [Test]
    public void More_steps_than_the_run_had_are_refused() =>
        Assert.That(Refusal.Of(() => Read(With("step", "301"))), Does.Contain("301").And.Contains("300"));

    [Test]
    public void A_context_longer_than_any_name_is_refused() =>
        Assert.That(
            Refusal.Of(() => Read(With("configuration", (Configuration with { Recipe = Recipe with { Context = 1001 } }).ToJson()))),
            Does.Contain("Context"));

    [Test]
    public void A_safetensors_file_of_another_program_is_refused()
    {
        TestData.GoldenBatch.Write(path);
        Assert.That(Refusal.Of(() => ModelFile.Read(path)), Does.Contain("is not a model of this program"));
    }

    // Changes within the metadata: the header stays JSON more often than not.
    [Test]
    public void Any_changed_file_is_read_or_refused()
    {
        // With few names, or most changes would hit their hashes.
        var few = KnownNames.Of(TestData.Names("anna", "ben", "carla", "dora", "emil", "fritz"));
        (ModelFile.Of(network, Configuration, TestData.Embedded, step: 201) with { KnownNames = few }).Write(path);
        byte[] good = File.ReadAllBytes(path);
        int header = BitConverter.ToInt32(good);
        Gen.Select(Gen.Int[8, 8 + header - 1], Gen.OneOf("{}[]\",:0123456789-e.ntu\\ "u8.ToArray())).Array[1, 3].Sample(
            changes =>
            {
                byte[] bytes = [.. good];
                foreach ((int offset, byte replacement) in changes)
                {
                    bytes[offset] = replacement;
                }
                try
                {
                    ModelFile.Read(folder.With("changed", bytes)).Load(Kernels).Dispose();
                    return true;
                }
                catch (InvalidRequestException fault)
                {
                    return Refusal.IsOneLine(fault);
                }
            },
            iter: 1000, threads: 1);
    }

    ModelFile Read(SafeTensors file)
    {
        file.Write(path);
        return ModelFile.Read(path);
    }

    SafeTensors With(string key, string value)
    {
        var file = SafeTensors.Read(path);
        return file with { Metadata = new Dictionary<string, string>(file.Metadata) { [key] = value } };
    }

    SafeTensors Without(params string[] keys)
    {
        var file = SafeTensors.Read(path);
        return file with { Metadata = file.Metadata.Where(entry => !keys.Contains(entry.Key)).ToDictionary() };
    }

    void Load(Action<Dictionary<string, StoredTensor>> change)
    {
        var file = SafeTensors.Read(path);
        var tensors = new Dictionary<string, StoredTensor>(file.Tensors);
        change(tensors);
        Read(file with { Tensors = tensors }).Load(Kernels).Dispose();
    }
}
