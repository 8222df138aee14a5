using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Commands;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>A network of a sweep is the run of the command train with the same settings.</summary>
sealed class NetworkCallTests
{
    static readonly string[] Varied =
    [
        "recipe=naive,kaiming,deep-batchnorm", "steps=0,100,1000", "seed=1..3", "batch-seed=1,2", "batch=log:16..256:5", "context=2..5",
        "embedding=2,10,24", "hidden=100|200|100,100", "activation=tanh,relu,gelu", "learning-rate=log:0.01..1:9",
        "final-rate=0.001,0.01", "drop-at=10,20", "gain=0.5..3:6", "hidden-scale=0.1,0.2", "hidden-bias=none,0,0.01", "output-gain=0.5,1",
        "output-scale=0,0.1,1", "output-bias=none,0.1", "l2=C=0.1|C=0.1,W1=0.01", "normalization=batch,layer,group:4,none",
        "bn-variance=unbiased,biased", "bn-epsilon=log:1e-7..1e-3:5", "bn-epsilon-on=variance,deviation", "bn-momentum=0.001,0.1,1",
    ];

    [Test]
    public void Every_setting_of_train_can_vary() =>
        Assert.That(Varied.Select(vary => vary.Split('=')[0]), Is.EquivalentTo(NetworkOptions.All.Select(Variation.NameOf)));

    [TestCaseSource(nameof(Varied))]
    public void Networks_differ_in_what_varies_as_runs_of_train_do(string vary)
    {
        SweepGrid grid = SweepCall.Grid("--vary", vary);
        int[] numbers = [.. Enumerable.Range(0, grid.Count)];
        string[] networks = [.. numbers.Select(number => grid.Resolve(number, SweepCall.Data).Configuration.ToJson())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(networks, Has.Length.GreaterThan(1).And.Unique);
            Assert.That(networks, Is.EqualTo(numbers.Select(number => Train(grid.CallOf(number)).ToJson())));
        }
    }

    [Test]
    public void The_arguments_are_the_common_ones_and_then_those_of_the_network()
    {
        NetworkCall call = SweepCall.Grid("--seed", "3", "--hidden", "100", "--recipe", "batchnorm", "--vary", "gain=0.5,1", "--seeds", "2")
            .CallOf(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(call.Arguments, Is.EqualTo(["--recipe", "batchnorm", "--hidden", "100", "--gain", "0.5", "--seed", "4"]));
            Assert.That(ProgramCall.With(call.Arguments), Is.EqualTo("makemore --recipe batchnorm --hidden 100 --gain 0.5 --seed 4"));
            Assert.That(Train(call).Seed, Is.EqualTo(4));
        }
    }

    [TestCase("l2=C=0.1,W1=0.01", "--l2 C=0.1,W1=0.01")]
    [TestCase("gain=-0.5", "--gain -0.5")]
    [TestCase("recipe=a b", "--recipe 'a b'")]
    [TestCase("recipe=it's $HOME", @"--recipe 'it'\''s $HOME'")]
    [TestCase("recipe=@file", "--recipe '@file'")]
    public void A_shell_gets_what_it_would_change_in_quotes(string vary, string shown) =>
        Assert.That(ProgramCall.With(SweepCall.Grid("--vary", vary).CallOf(0).Arguments), Is.EqualTo($"makemore {shown}"));

    [Test]
    public void A_negative_number_is_a_value_and_no_option() =>
        Assert.That(Train(SweepCall.Grid("--vary", "gain=-0.5").CallOf(0)).Recipe.HiddenWeight.Scale, Is.EqualTo(-0.5));

    [Test]
    public void A_value_names_no_file_of_arguments() =>
        Assert.That(
            () => SweepCall.Grid("--vary", "recipe=@file").Resolve(0, SweepCall.Data),
            Throws.TypeOf<InvalidRequestException>().With.Message.Contains("'@file'"));

    static Configuration Train(NetworkCall call)
    {
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parsed = CommandLine.Root.Parse(["train", .. call.Arguments], parser);
        Assert.That(parsed.Errors, Is.Empty);
        Recipe recipe = NetworkOptions.ResolveRecipe(parsed);
        return NetworkOptions.Resolve(parsed, recipe, SweepCall.Data(recipe.Context));
    }
}
