using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Recipes;

sealed class ConfigurationTests
{
    const int Vocabulary = 27;

    static readonly Recipe BatchNorm = Recipe.Named("batchnorm");

    // 40 passes over 32,000 examples are 40,000 steps of 32.
    [TestCase(182_625, 200_000, 100_000)]
    [TestCase(160_000, 200_000, 100_000)]
    [TestCase(32_000, 40_000, 20_000)]
    [TestCase(8, 10, 5)]
    [TestCase(0, 1, 1)]
    [TestCase(int.MaxValue, 200_000, 100_000)]
    public void Steps_are_the_lectures_or_forty_passes(int examples, int steps, int dropAt) =>
        Assert.That(Configuration.Resolve(BatchNorm, examples), Is.EqualTo(new Configuration(BatchNorm, steps, dropAt, 2147483647)));

    [Test]
    public void What_was_asked_for_is_taken() =>
        Assert.That(
            Configuration.Resolve(BatchNorm, 32_000, steps: 300, dropAt: 7, seed: 5), Is.EqualTo(new Configuration(BatchNorm, 300, 7, 5)));

    // 40,000 steps are the default.
    [Test]
    public void The_rate_drops_after_the_recipes_part_of_its_default_steps_whatever_the_steps([Values(null, 0, 300, 1_000_000)] int? steps)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Configuration.Resolve(BatchNorm, 32_000, steps).DropAt, Is.EqualTo(20_000));
            Assert.That(Configuration.Resolve(BatchNorm with { DropAfter = 0.75 }, 32_000, steps).DropAt, Is.EqualTo(30_000));
        }
    }

    [TestCase(0, 0.1f)]
    [TestCase(99, 0.1f)]
    [TestCase(100, 0.01f)]
    [TestCase(5000, 0.01f)]
    public void The_learning_rate_drops_to_a_tenth(int step, float rate) =>
        Assert.That(new Configuration(BatchNorm, 200, DropAt: 100, Seed: 1).LearningRate(step), Is.EqualTo(rate));

    [TestCaseSource(typeof(Networks), nameof(Networks.Recipes))]
    public void The_recipes_are_valid(Recipe recipe) =>
        Assert.That(() => SizeLimits.Check(Configuration.Resolve(recipe, 182_625), Vocabulary), Throws.Nothing);

    static IEnumerable<TestCaseData> Invalid()
    {
        yield return Case("Context", BatchNorm with { Context = 0 });
        yield return Case("Context", BatchNorm with { Context = -3 });
        yield return Case("Embedding", BatchNorm with { Embedding = 0 });
        yield return Case("Embedding", BatchNorm with { Embedding = int.MinValue });
        yield return Case("Hidden", BatchNorm with { Hidden = [] });
        yield return Case("Hidden", BatchNorm with { Hidden = [0] });
        yield return Case("Hidden", BatchNorm with { Hidden = [200, -1] });
        yield return Case("Batch", BatchNorm with { Batch = 0 });
        yield return Case("Batch", BatchNorm with { Batch = -32 });
        yield return Case("Batch", BatchNorm with { Batch = 1 });
        yield return Case("LearningRate", BatchNorm with { LearningRate = 0 });
        yield return Case("LearningRate", BatchNorm with { LearningRate = -0.1 });
        yield return Case("LearningRate", BatchNorm with { LearningRate = double.NaN });
        yield return Case("LearningRate", BatchNorm with { LearningRate = double.PositiveInfinity });
        // In 32 bits these are infinite and 0.
        yield return Case("LearningRate", BatchNorm with { LearningRate = 1e39 });
        yield return Case("LearningRate", BatchNorm with { LearningRate = 1e-50 });
        foreach (double scale in new[] { double.NaN, double.NegativeInfinity, 1e39 })
        {
            yield return Case("HiddenWeight.Scale", BatchNorm with { HiddenWeight = new Draw(scale, ByFanIn: true) });
            yield return Case("HiddenWeight.Scale", BatchNorm with { HiddenWeight = new Draw(scale) });
            yield return Case("OutputWeight.Scale", BatchNorm.WithOutputScale(scale));
            yield return Case("OutputWeight.Scale", Recipe.Named("deep-batchnorm").WithOutputScale(scale));
        }
        yield return Case("L2", BatchNorm with { L2 = Networks.L2(("C", double.NaN)) });
        yield return Case("L2", BatchNorm with { L2 = Networks.L2(("C", 1), ("W1", double.PositiveInfinity)) });
        yield return Case("L2", BatchNorm with { L2 = Networks.L2(("W2", -1e39)) });
        yield return Case("W3", BatchNorm with { L2 = Networks.L2(("W3", 1)) });
        yield return Case("b1", BatchNorm with { L2 = Networks.L2(("b1", 1)) });
        yield return Case("FinalRate", BatchNorm with { FinalRate = 0 });
        yield return Case("HiddenBias.Scale", BatchNorm with { HiddenBias = new Draw(double.NaN) });
        yield return Case("OutputBias.Scale", BatchNorm with { OutputBias = new Draw(1e39) });
        yield return Case(
            "OutputWeight.Scale", Recipe.Named("deep-batchnorm") with { OutputWeight = new Draw(double.NaN, ByFanIn: true) });
        yield return Case("Normalization.Epsilon", WithNormalization(norm => norm with { Epsilon = -1e-5 }));
        yield return Case("Normalization.Epsilon", WithNormalization(norm => norm with { Epsilon = double.NaN }));
        yield return Case("Normalization.Momentum", WithNormalization(norm => norm with { Momentum = 1.1 }));
        yield return Case("Normalization.Momentum", WithNormalization(norm => norm with { Momentum = double.NaN }));
        yield return Case("Normalization group:3", BatchNorm.Normalized(NormalizationKind.Group, 3));
        yield return Case("Normalization", BatchNorm.Normalized(NormalizationKind.Group, 0));
        yield return Case("Normalization.Epsilon", BatchNorm.Normalized(NormalizationKind.Group, 200));
        // The hidden layers have groups of 25, and 4 does not divide the vocabulary.
        yield return Case("Normalization group:4", Recipe.Named("deep-batchnorm").Normalized(NormalizationKind.Group, 4));
        yield return Case("Hidden", BatchNorm with { Hidden = [int.MaxValue] });
        yield return Case("Hidden", BatchNorm with { Hidden = [50_000, 50_000] });
        yield return Case("Embedding", BatchNorm with { Embedding = int.MaxValue, Context = int.MaxValue });
        yield return Case("Batch", BatchNorm with { Batch = int.MaxValue });
        // Each activation of this one could be counted, but not all of them side by side in one buffer.
        yield return Case("Batch", BatchNorm with { Batch = 5_000_000 });
        yield return Case("Batch", BatchNorm with { Batch = 30_000_000, Hidden = [1], Embedding = 1, Context = 1 });
        // This one could be trained, but not evaluated: evaluation takes 1,024 examples at a time.
        yield return Case("Hidden", BatchNorm with { Hidden = [800_000] });
        yield return Case("Context", BatchNorm with { Context = 1001 });
        yield return Case("Hidden", BatchNorm with { Hidden = [.. Enumerable.Repeat(1, 1001)] });
        // This one could be trained, but its file could not be read.
        yield return Case("tensor W1 takes", BatchNorm with { Embedding = 10_000, Hidden = [18_000] });
        yield return Case("random numbers", BatchNorm with { OutputWeight = new Draw(1, Offset: double.NaN) });
        yield return Case("from 0 to 1", BatchNorm with { DropAfter = double.PositiveInfinity });
        yield return Case("Steps", BatchNorm, steps: -5);
        yield return Case("DropAt", BatchNorm, dropAt: -1);
    }

    [TestCaseSource(nameof(Invalid))]
    public void What_cannot_be_is_refused_by_its_option(string option, Recipe recipe, int steps, int dropAt) =>
        Assert.That(Refusal.Of(() => SizeLimits.Check(new Configuration(recipe, steps, dropAt, 1), Vocabulary)), Does.Contain(option));

    [Test]
    public void A_recipe_that_cannot_be_is_refused_before_there_are_data_and_steps() =>
        Assert.That(Refusal.Of((BatchNorm with { Batch = 0 }).Validate), Does.Contain("Batch"));

    [Test]
    public void A_batch_of_one_is_valid_without_normalization() =>
        Assert.That(
            () => SizeLimits.Check(new Configuration(BatchNorm with { Batch = 1, Normalization = null }, 10, 5, 1), Vocabulary),
            Throws.Nothing);

    [TestCase(NormalizationKind.Layer, 1)]
    [TestCase(NormalizationKind.Group, 4)]
    public void A_batch_of_one_is_valid_where_each_example_is_normalized_by_itself(NormalizationKind kind, int groups) =>
        Assert.That(
            () => SizeLimits.Check(new Configuration(BatchNorm.Normalized(kind, groups) with { Batch = 1 }, 10, 5, 1), Vocabulary),
            Throws.Nothing);

    [Test]
    public void Json_keeps_the_kind_of_normalization()
    {
        Recipe recipe = BatchNorm.Normalized(NormalizationKind.Group, 4);
        string json = new Configuration(recipe, 300, 7, 1).ToJson();
        Assert.That(json, Does.Contain("\"kind\": \"group\"").And.Contain("\"groups\": 4").And.Contain("\"evaluation\": \"none\""));
        Assert.That(Configuration.FromJson(json).Recipe.Normalization, Is.EqualTo(recipe.Normalization));
    }

    [Test]
    public void A_normalization_without_a_kind_is_batch_normalization()
    {
        string json = new Configuration(BatchNorm, 300, 7, 1).ToJson();
        string old = Regex.Replace(json, ",\\s*\"kind\": \"batch\",\\s*\"groups\": 1", "");
        Assert.That(old, Does.Not.Contain("kind"));
        Assert.That(Configuration.FromJson(old).Recipe.Normalization, Is.EqualTo(BatchNorm.Normalization));
    }

    [TestCaseSource(typeof(Networks), nameof(Networks.Recipes))]
    public void Json_keeps_every_setting(Recipe named)
    {
        Recipe recipe = named with
        {
            Hidden = [20, 10],
            LearningRate = 0.123456789012345,
            Batch = 7,
            Context = 4,
            L2 = Networks.L2(("C", 0.1)),
        };
        var configuration = new Configuration(recipe, 300, 7, ulong.MaxValue);
        string json = configuration.ToJson();
        var read = Configuration.FromJson(json);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.ToJson(), Is.EqualTo(json));
            Assert.That(read.Recipe.Hidden, Is.EqualTo(recipe.Hidden));
            Assert.That(read.Recipe.L2, Is.EqualTo(recipe.L2));
            // Lists are equal by reference alone.
            Assert.That(read with { Recipe = read.Recipe with { Hidden = recipe.Hidden, L2 = recipe.L2 } }, Is.EqualTo(configuration));
        }
    }

    // As version 1 of the program wrote it.
    [Test]
    public void A_configuration_without_the_later_settings_has_their_defaults()
    {
        var configuration = new Configuration(BatchNorm, 300, 7, 1);
        string json = Regex.Replace(configuration.ToJson(), "\"has_tanh\": true,\\s*|,\\s*\"l2\": {[^}]*}", "");
        Assert.That(json, Does.Not.Contain("has_tanh").And.Not.Contain("l2"));
        Assert.That(Configuration.FromJson(json).ToJson(), Is.EqualTo(configuration.ToJson()));
    }

    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("")]
    [TestCase("{\"recipe\":null,\"steps\":1,\"drop_at\":1,\"seed\":1}")]
    [TestCase("{\"recipe\":{\"name\":\"x\",\"summary\":\"y\"},\"steps\":1,\"drop_at\":1,\"seed\":1}")]
    public void What_is_no_configuration_is_no_json_of_one(string json) =>
        Assert.That(() => Configuration.FromJson(json), Throws.InstanceOf<JsonException>());

    [TestCase("\"standard_deviation\"", "7")]
    [TestCase("\"standard_deviation\"", "\"range\"")]
    [TestCase("\"running\"", "0")]
    [TestCase("[20]", "[2.5]")]
    [TestCase("[20]", "null")]
    public void A_configuration_with_a_value_that_there_is_not_is_no_configuration(string value, string other)
    {
        string json = new Configuration(BatchNorm with { Hidden = [20] }, 300, 7, 1).ToJson();
        string hidden = Regex.Replace(json, @"\[\s*20\s*\]", "[20]");
        string changed = hidden.Replace(value, other, StringComparison.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(changed, Is.Not.EqualTo(hidden));
            Assert.That(() => Configuration.FromJson(changed), Throws.InstanceOf<JsonException>());
        }
    }

    static TestCaseData Case(string option, Recipe recipe, int steps = 100, int dropAt = 50) =>
        new TestCaseData(option, recipe, steps, dropAt).SetArgDisplayNames(
            option, $"T {recipe.Context}", $"E {recipe.Embedding}", $"H {string.Join(' ', recipe.Hidden)}", $"N {recipe.Batch}",
            $"rate {recipe.LearningRate}", $"hidden weights {recipe.HiddenWeight}",
            $"last weights {recipe.OutputWeight} {recipe.OutputGain}", $"L2 {string.Join(' ', recipe.L2)}",
            $"epsilon {recipe.Normalization?.Epsilon} momentum {recipe.Normalization?.Momentum} groups {recipe.Normalization?.Groups}",
            $"final rate {recipe.FinalRate}", $"biases {recipe.HiddenBias} {recipe.OutputBias}",
            $"steps {steps}", $"drop at {dropAt}");

    static Recipe WithNormalization(Func<Normalization, Normalization> change) =>
        BatchNorm with { Normalization = change(BatchNorm.Normalization!) };

    [Test]
    public void A_configuration_of_version_0_1_is_read()
    {
        Configuration configuration = Configuration.Resolve(Recipe.Named("backprop") with { Activation = Activation.None }, 100);
        string old = Regex.Replace(configuration.ToJson(), ",\\s*\"normalization_seed\": \\d+", "")
            .Replace("\"activation\": \"none\"", "\"has_tanh\": false", StringComparison.Ordinal)
            .Replace("normalization", "normalisation", StringComparison.Ordinal)
            .Replace("running_statistic", "running_spread", StringComparison.Ordinal);
        Assert.That(old, Does.Contain("has_tanh").And.Contain("normalisation").And.Contain("running_spread").And.Not.Contain("ation_seed"));
        Assert.That(Configuration.FromJson(old).ToJson(), Is.EqualTo((configuration with { NormalizationSeed = null }).ToJson()));
    }

    // Coefficients of the table, of the weights of each hidden layer, and of those of the last.
    [TestCase("backprop", "C 0.1, W1 0.2, W2 0.3")]
    [TestCase("deep-linear", "C 0.1, layers.0.weight 0.2, layers.1.weight 0.2, layers.2.weight 0.3")]
    [TestCase("deep-batchnorm", "C 0.1, layers.0.weight 0.2, layers.3.weight 0.2, layers.6.weight 0.3")]
    public void The_L2_loss_of_version_0_1_is_read_by_the_names_of_the_tensors(string name, string terms)
    {
        var recipe = Recipe.Named(name);
        string json = Configuration.Resolve(recipe.Hidden.Count == 1 ? recipe : recipe with { Hidden = [20, 10] }, 100).ToJson();
        string old = json.Replace(
            "\"l2\": {}", "\"l2\": { \"embedding\": 0.1, \"hidden\": 0.2, \"output\": 0.3 }", StringComparison.Ordinal);
        var read = Configuration.FromJson(old).Recipe;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(old, Is.Not.EqualTo(json));
            Assert.That(string.Join(", ", read.L2.Select(term => $"{term.Key} {term.Value}")), Is.EqualTo(terms));
            Assert.That(() => NetworkShape.Of(read, 27), Throws.Nothing);
        }
    }

    // The path is that in the file, where the file says it.
    [TestCase("\"batch\": 32", "\"batch\": \"many\"", "$.recipe.batch")]
    [TestCase("\"activation\": \"tanh\"", "\"activation\": \"swish\"", "$.recipe.activation")]
    [TestCase("\"activation\": \"tanh\"", "\"has_tanh\": \"yes\"", "$.recipe.has_tanh")]
    [TestCase("\"context\": 3", "\"\\ud800\": 3", "$.recipe")]
    public void A_fault_in_a_configuration_is_found_where_it_is(string good, string bad, string path)
    {
        string json = Configuration.Resolve(Recipe.Named("batchnorm"), 100).ToJson();
        Assert.That(json, Does.Contain(good));
        Assert.That(
            () => Configuration.FromJson(json.Replace(good, bad, StringComparison.Ordinal)),
            Throws.TypeOf<JsonException>().With.Property(nameof(JsonException.Path)).EqualTo(path));
    }

    [Test]
    public void Of_a_setting_that_is_there_twice_the_last_counts()
    {
        string json = Configuration.Resolve(Recipe.Named("batchnorm"), 100).ToJson();
        string twice = json.Replace("\"batch\": 32", "\"batch\": 16, \"batch\": 32", StringComparison.Ordinal);
        Assert.That(Configuration.FromJson(twice).Recipe.Batch, Is.EqualTo(32));
    }
}
