using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>Settings of a run that cannot be.</summary>
sealed class BadSettingsTests : CommandTests
{
    protected override bool AsksOtherAccelerators => true;

    [Test]
    public void A_size_that_is_no_number_above_zero_is_refused(
        [Values("--batch", "--context", "--embedding", "--hidden", "--log-every")] string option,
        [Values("0", "-1", "-2147483648", "2147483648", "99999999999999999999", "1.5", "1.5e0", "ten", "0x10", " ", "")] string value) =>
        Refuse(Training(option, value), option, value);

    [TestCase("-1")]
    [TestCase("-2147483648")]
    [TestCase("2147483648")]
    [TestCase("1.5")]
    [TestCase("1.5e0")]
    [TestCase("ten")]
    [TestCase("")]
    public void Steps_that_are_no_whole_number_are_refused(string steps) => Refuse(Training("--steps", steps), "--steps", steps);

    [TestCase("8,0")]
    [TestCase("0,8")]
    [TestCase("8,-8")]
    [TestCase("8,")]
    [TestCase(",")]
    [TestCase("8,,8")]
    [TestCase("8;8")]
    [TestCase("8, 8")]
    [TestCase("8,2147483648")]
    public void Hidden_layers_that_cannot_be_are_refused(string hidden) => Refuse(Training("--hidden", hidden), "--hidden");

    [TestCase("--hidden", "2147483647")]
    [TestCase("--hidden", "100000,100000")]
    [TestCase("--embedding", "2147483647")]
    [TestCase("--context", "2147483647")]
    [TestCase("--batch", "2147483647")]
    public void Sizes_whose_network_has_too_many_values_are_refused(string option, string value) => Refuse(Training(option, value), option);

    // Just within the count of the parameters, and beyond it with what lies between them in memory.
    [Test]
    public void A_network_at_the_limit_is_refused()
    {
        int vocabulary = SmallNames.Vocabulary.Length;
        int hidden = (int.MaxValue - (13 * vocabulary)) / (33 + vocabulary);
        Refuse(Training("--recipe", "backprop", "--hidden", $"{hidden}", "--batch", "2"), "--hidden");
    }

    // Batches are drawn a hundred at a time.
    [TestCase("22000000")]
    [TestCase("43000000")]
    public void A_batch_whose_indices_overflow_is_refused(string batch)
    {
        string data = Write("a.txt", "a\na\na\na\na\na");
        string[] small = ["--hidden", "1", "--embedding", "1", "--context", "1", "--steps", "1"];
        Refuse(Training(["--data", data, "--batch", batch, .. small]), "--batch");
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void BatchNorm_refuses_a_batch_of_one(string recipe) =>
        Refuse(Training("--recipe", recipe, "--batch", "1"), "--batch", "BatchNorm", "2");

    [TestCase("fastest")]
    [TestCase("fused,layered")]
    [TestCase("")]
    public void An_unknown_strategy_is_refused_with_the_known_ones(string strategy) =>
        Refuse(Training("--strategy", strategy), strategy, "auto, fused or layered");

    [Test]
    public void Threads_that_the_accelerator_does_not_have_are_refused([Values("0", "-1", "3", "2147483647")] string threads) =>
        Refuse(Training("--threads", threads), "--threads", threads);

    [Test]
    public void Threads_that_are_no_number_are_refused([Values("many", "1.5", "")] string threads) =>
        Refuse(Training("--threads", threads), "--threads", $"'{threads}'", "auto");

    [TestCase("double")]
    [TestCase("")]
    public void An_unknown_precision_is_refused_with_the_known_ones(string precision) =>
        Refuse(Training("--precision", precision), $"'{precision}'", "float32 or tf32");

    [Test]
    public void A_precision_that_the_accelerator_does_not_have_is_refused() =>
        Refuse(Training("--precision", "tf32"), "--precision tf32", "CUDA", "8.0", "cpu:0", "leave it out");

    [TestCase("0")]
    [TestCase("-0.1")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1e999")]
    [TestCase("fast")]
    [TestCase("0,1")]
    [TestCase("")]
    // As 32-bit numbers these are infinity and 0.
    [TestCase("1e39")]
    [TestCase("1e-60")]
    public void A_learning_rate_that_is_no_number_above_zero_is_refused(string rate) =>
        Refuse(Training("--learning-rate", rate), "--learning-rate");

    [Test]
    public void A_scale_that_is_no_finite_number_is_refused(
        [Values("--gain", "--hidden-scale", "--output-scale")] string option,
        [Values("NaN", "Infinity", "-Infinity", "1e39", "1e999", "wide", "5/3", "0,1", "")] string value) =>
        Refuse(Training(option, value), option);

    [TestCase("")]
    [TestCase("0.1")]
    [TestCase("C=")]
    [TestCase("C=a")]
    [TestCase("C=0.1,C=0.2")]
    [TestCase("C=0.1,,W1=0.1")]
    [TestCase("C=0.1;W1=0.1")]
    [TestCase("C=0.1=0.2")]
    [TestCase("C=NaN")]
    [TestCase("W1=Infinity")]
    [TestCase("W2=1e39")]
    [TestCase("W9=0.1")]
    [TestCase("layers.0.weight=0.1")]
    public void L2_coefficients_that_do_not_name_tensors_are_refused(string coefficients) =>
        Refuse(Training("--l2", coefficients), "--l2");

    [Test]
    public void An_L2_loss_of_a_tensor_that_is_not_there_tells_those_that_are() =>
        Refuse(Training("--recipe", "kaiming", "--l2", "bngain=1"), "--l2", "bngain", "C, W1, b1, W2, b2");

    [TestCase("--hidden-bias", "some")]
    [TestCase("--output-bias", "")]
    [TestCase("--output-bias", "NaN")]
    [TestCase("--output-gain", "wide")]
    [TestCase("--output-gain", "1e39")]
    [TestCase("--final-rate", "0")]
    [TestCase("--final-rate", "-1")]
    [TestCase("--batch-seed", "-1")]
    [TestCase("--bn-variance", "fair")]
    [TestCase("--bn-variance", "0")]
    [TestCase("--bn-epsilon", "-1")]
    [TestCase("--bn-epsilon", "NaN")]
    [TestCase("--bn-epsilon-on", "mean")]
    [TestCase("--bn-momentum", "1.5")]
    [TestCase("--bn-momentum", "-0.1")]
    [TestCase("--watch-every", "0")]
    [TestCase("--print-every", "0")]
    [TestCase("--print-every", "many")]
    public void A_setting_that_cannot_be_is_refused_by_its_name(string option, string value) => Refuse(Training(option, value), option);

    [TestCase("--bn-variance", "biased")]
    [TestCase("--bn-epsilon", "1e-5")]
    [TestCase("--bn-epsilon-on", "deviation")]
    [TestCase("--bn-momentum", "0.1")]
    public void A_setting_of_BatchNorm_is_refused_where_there_is_none(string option, string value) =>
        Refuse(Training("--recipe", "kaiming", option, value), option, "kaiming");

    [TestCase("")]
    [TestCase("instance")]
    [TestCase("group")]
    [TestCase("group:")]
    [TestCase("group:four")]
    [TestCase("group:-2")]
    [TestCase("group:4:4")]
    [TestCase("layer:2")]
    public void An_unknown_normalization_is_refused_with_the_known_ones(string normalization) =>
        Refuse(Training("--normalization", normalization), "--normalization", $"'{normalization}'", "batch, layer, group:G", "none");

    // The training has 8 hidden units, and the names have another number of characters.
    [TestCase("--temperature")]
    [TestCase("--top-p")]
    public void A_number_that_is_not_finite_in_32_bits_is_refused(string option)
    {
        foreach (string value in new[] { "1e39", "-1e39", "1e999", "NaN", "Infinity" })
        {
            Refuse(["sample", "--model", TrainedModel.Write(), option, value], option, value);
            Refuse(["explore", "saturation", "--scales", value], "--scales", value);
        }
    }

    [TestCase("batchnorm", "group:0")]
    [TestCase("batchnorm", "group:3")]
    [TestCase("batchnorm", "group:16")]
    [TestCase("deep-batchnorm", "group:8")]
    public void Groups_that_do_not_divide_a_layer_are_refused(string recipe, string normalization) =>
        Refuse(Training("--recipe", recipe, "--normalization", normalization), "--normalization");

    [Test]
    public void Groups_of_one_feature_need_an_epsilon() =>
        Refuse(Training("--recipe", "batchnorm", "--normalization", "group:8"), "--normalization", "--bn-epsilon");

    [Test]
    public void A_setting_of_BatchNorm_is_refused_with_another_normalization(
        [Values("--bn-variance biased", "--bn-epsilon-on deviation", "--bn-momentum 0.1")] string setting,
        [Values("layer", "group:4", "none")] string normalization)
    {
        string[] parts = setting.Split(' ');
        Refuse(Training(["--normalization", normalization, .. parts]), parts[0], $"--normalization {normalization}");
    }

    [Test]
    public void An_epsilon_is_refused_without_a_normalization() =>
        Refuse(Training("--normalization", "none", "--bn-epsilon", "1e-5"), "--bn-epsilon", "--normalization none");

    [TestCase("layer", "LayerNorm")]
    [TestCase("group:4", "GroupNorm")]
    public void The_fused_form_refuses_a_normalization_of_examples_by_its_name(string normalization, string name) =>
        Refuse(Training("--normalization", normalization, "--strategy", "fused"), name, "--strategy layered");

    [Test]
    public void Two_ways_to_draw_the_last_weights_are_refused() =>
        Refuse(Training("--output-gain", "1", "--output-scale", "1"), "--output-gain", "--output-scale", "one of them");

    [Test]
    public void Two_ways_to_draw_the_hidden_weights_are_refused() =>
        Refuse(Training("--gain", "1", "--hidden-scale", "1"), "--gain", "--hidden-scale", "one of them");

    [TestCase("--drop-at", "-1")]
    [TestCase("--drop-at", "half")]
    [TestCase("--seed", "-1")]
    [TestCase("--seed", "18446744073709551616")]
    [TestCase("--seed", "lucky")]
    public void A_number_that_cannot_be_is_refused(string option, string value) => Refuse(Training(option, value), option, value);

    [Test]
    public void The_largest_seed_is_taken() => Train("--seed", "18446744073709551615");

    [TestCase("lstm")]
    [TestCase("")]
    [TestCase("batchnorm ")]
    public void An_unknown_recipe_is_refused_with_the_known_ones(string recipe) =>
        Refuse(Training("--recipe", recipe), [$"'{recipe}'", .. Recipes]);

    [Test]
    public void An_unknown_accelerator_is_refused_with_the_known_ones(
        [Values("train", "evaluate", "sample", "check")] string command,
        [Values("gpu", "", "cpu:", "cpu:-1", "cpu:x", "cpu:0:0", "auto:0", "cpu0")] string accelerator) =>
        Refuse(Call(command, accelerator), $"'{accelerator}'", "auto", "cpu", "opencl", "cuda");

    [Test]
    public void An_accelerator_that_is_not_there_is_refused_with_those_that_are(
        [Values("train", "evaluate", "sample", "check")] string command) =>
        Refuse(Call(command, "cpu:7"), "cpu:7", "cpu:0");

    [TestCase("cuda")]
    [TestCase("opencl")]
    public void An_accelerator_that_is_not_there_is_refused_with_the_reason(string kind)
    {
        JsonElement devices = Succeed("devices", "--json").Json;
        if (devices.GetProperty("devices").EnumerateArray().Any(device => device.GetProperty("kind").GetString() == kind))
        {
            Refuse(Training("--accelerator", $"{kind}:99"), $"{kind}:99", $"{kind}:0");
            return;
        }
        string reason = devices.GetProperty("passed_over").EnumerateArray()
            .First(device => device.GetProperty("description").GetString()!.StartsWith(kind, StringComparison.OrdinalIgnoreCase))
            .GetProperty("reason").GetString()!;
        Refuse(Training("--accelerator", kind), kind, reason, "cpu:0");
    }

    static string[] Call(string command, string accelerator) => command switch
    {
        "train" => Training("--accelerator", accelerator),
        "check" => ["check", "--accelerator", accelerator, "--data", SmallNames.Write()],
        "evaluate" => ["evaluate", "--accelerator", accelerator, "--model", TrainedModel.Write(), "--data", SmallNames.Write()],
        _ => [command, "--accelerator", accelerator, "--model", TrainedModel.Write()],
    };
}
