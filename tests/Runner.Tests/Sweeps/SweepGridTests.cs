using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>Which networks a sweep has.</summary>
sealed class SweepGridTests
{
    [Test]
    public void The_first_setting_varies_slowest()
    {
        string[] args = ["--vary", "gain=1,2", "--vary", "hidden=10|20,20", "--vary", "batch=8,16,32"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(SweepCall.Grid(args).Names, Is.EqualTo(["gain", "hidden", "batch"]));
            Assert.That(SweepCall.Grid(args)[5], Is.EqualTo(
                [new Setting("gain", "1"), new Setting("hidden", "20,20"), new Setting("batch", "32")]));
            Assert.That(SweepCall.Networks(args), Is.EqualTo(
            [
                "1 10 8", "1 10 16", "1 10 32", "1 20,20 8", "1 20,20 16", "1 20,20 32",
                "2 10 8", "2 10 16", "2 10 32", "2 20,20 8", "2 20,20 16", "2 20,20 32",
            ]));
        }
    }

    [Test]
    public void Seeds_vary_fastest_from_the_seed_of_the_call()
    {
        string[] args = ["--seeds", "2", "--vary", "gain=1,2"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(SweepCall.Networks(args), Is.EqualTo(["1 2147483647", "1 2147483648", "2 2147483647", "2 2147483648"]));
            Assert.That(SweepCall.Networks([.. args, "--seed", "5"]), Is.EqualTo(["1 5", "1 6", "2 5", "2 6"]));
            Assert.That(SweepCall.Grid(args).Names, Is.EqualTo(["gain", "seed"]));
            Assert.That(SweepCall.Networks("--seeds", "3", "--seed", "1"), Is.EqualTo(["1", "2", "3"]));
            Assert.That(SweepCall.Networks("--seeds", "1", "--seed", "1", "--vary", "gain=1,2"), Is.EqualTo(["1 1", "2 1"]));
        }
    }

    [Test]
    public void A_number_beyond_the_last_is_no_network([Values(-1, 4)] int number)
    {
        SweepGrid grid = SweepCall.Grid("--vary", "gain=1,2", "--seeds", "2");
        Assert.That(() => grid[number], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_million_networks_are_made_one_by_one()
    {
        SweepGrid grid = SweepCall.Grid("--vary", "gain=0..999:1000", "--vary", "batch=1..100", "--seeds", "10", "--seed", "0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(grid.Count, Is.EqualTo(1_000_000));
            Assert.That(grid[123_456].Select(setting => setting.Value), Is.EqualTo(["123", "46", "6"]));
            Assert.That(grid[999_999].Select(setting => setting.Value), Is.EqualTo(["999", "100", "9"]));
        }
    }

    [TestCase("1,001,000", "--vary", "gain=0..1:1000", "--vary", "batch=1..1001")]
    [TestCase("2,000,000", "--vary", "gain=0..1:1000000", "--seeds", "2", "--vary", "output-gain=1")]
    [TestCase("1,000,000,000,000,000,000,000,000", "--vary", "gain=0..1:1000000", "--vary", "output-gain=0..1:1000000",
        "--vary", "learning-rate=1..2:1000000", "--vary", "batch=1..1000000")]
    [TestCase("18,446,744,073,709,551,616", "--vary", "seed=0..18446744073709551615")]
    [TestCase("2,147,483,647", "--seeds", "2147483647")]
    [TestCase("2,000,000", "--vary", "gain=1..3", "--random", "1000000", "--seeds", "2")]
    [TestCase("4,611,686,014,132,420,609", "--vary", "gain=1..3", "--random", "2147483647", "--seeds", "2147483647")]
    public void Too_many_networks_are_refused_with_their_number(string count, params string[] args) =>
        SweepCall.Refuse(args, $"{count} networks", "1,000,000", "--random");

    [TestCase("--vary", "seed=1..1000000,2000000..3000000")]
    [TestCase("--vary", "seed=5,0..18446744073709551615", "--random", "3")]
    public void A_list_of_too_many_values_is_refused(params string[] args) => SweepCall.Refuse(args, "--vary seed", "1,000,000");

    [Test]
    public void A_setting_is_given_once()
    {
        SweepCall.Refuse(["--vary", "gain=1,2", "--vary", "batch=8", "--vary", "gain=3"], "--vary gain is given twice");
        SweepCall.Refuse(["--gain", "1", "--vary", "gain=1,2"], "--gain ", "--vary gain", "give one of them");
        SweepCall.Refuse(["--seed", "1", "--vary", "seed=1,2"], "--seed ", "--vary seed", "give one of them");
        SweepCall.Refuse(["--seeds", "2", "--vary", "seed=1,2"], "--seeds ", "--vary seed", "give one of them");
    }

    [Test]
    public void A_number_below_one_is_refused([Values("--seeds", "--random")] string option, [Values("0", "-1")] string number) =>
        SweepCall.Refuse([option, number, "--vary", "gain=1,2"], $"{option} is {number}", "at least 1");

    [Test]
    public void Networks_that_do_not_differ_are_refused()
    {
        SweepCall.Refuse([], "do not differ", "--vary NAME=VALUES", "--seeds");
        SweepCall.Refuse(["--seeds", "1", "--gain", "1"], "do not differ", "--vary NAME=VALUES", "--seeds");
        SweepCall.Refuse(["--random", "5", "--seeds", "2"], "--random", "nothing to draw from", "--vary NAME=VALUES");
    }

    [TestCase("--batch 1", "network 0 (gain=1) cannot be trained: --batch 1 is too small for BatchNorm", "--vary", "gain=1,2")]
    [TestCase("", "network 1 (batch=1) cannot be trained: --batch 1 is too small for BatchNorm", "--vary", "batch=8,1")]
    [TestCase("--hidden-scale 1", "network 0 (gain=1, seed=3) cannot be trained: --gain and --hidden-scale both",
        "--vary", "gain=1,2", "--seeds", "2", "--seed", "3")]
    [TestCase("", "network 1 (activation=tan) cannot be trained: --activation is 'tan' (did you mean 'tanh'?) and must be none or tanh",
        "--vary", "activation=tanh,tan")]
    [TestCase("", "network 2 (recipe=lstm) cannot be trained: unknown recipe 'lstm'", "--vary", "recipe=kaiming,batchnorm,lstm")]
    [TestCase("", "network 1 (seed=18446744073709551616) cannot be trained: --seed is '18446744073709551616'",
        "--seed", "18446744073709551615", "--seeds", "2")]
    [TestCase("", "network 0 (gain=wide) cannot be trained: --gain is 'wide' and must be", "--vary", "gain=wide,1")]
    [TestCase("", "network 1 (l2=W9=1) cannot be trained: --l2", "--vary", "l2=W1=1|W9=1")]
    [TestCase("", "network 0 (hidden=2147483647) cannot be trained: the network is too large", "--vary", "hidden=2147483647")]
    [TestCase("", "network 0 (recipe=--json) cannot be trained: ", "--vary", "recipe=--json")]
    public void A_network_that_cannot_be_is_named(string common, string message, params string[] args)
    {
        SweepGrid grid = SweepCall.Grid([.. common.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. args]);
        Assert.That(
            () => Enumerable.Range(0, grid.Count).Select(number => grid.Resolve(number, SweepCall.Data)).ToArray(),
            Throws.TypeOf<InvalidRequestException>().With.Message.StartsWith(message));
    }

    [Test]
    public void A_network_has_its_number_its_settings_and_all_that_follow()
    {
        SweptNetwork network = SweepCall.Grid("--recipe", "kaiming", "--vary", "context=3,5", "--seeds", "2", "--seed", "7")
            .Resolve(3, SweepCall.Data);
        Recipe recipe = network.Configuration.Recipe;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(network.Number, Is.EqualTo(3));
            Assert.That(network.Settings, Is.EqualTo([new Setting("context", "5"), new Setting("seed", "8")]));
            Assert.That((recipe.Name, recipe.Context, network.Configuration.Seed), Is.EqualTo(("kaiming", 5, 8ul)));
        }
    }
}
