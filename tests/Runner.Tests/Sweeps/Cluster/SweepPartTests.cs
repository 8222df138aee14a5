using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps.Cluster;

/// <summary>The command <c>sweep --part</c>.</summary>
sealed class SweepPartTests : ClusterTests
{
    [Test]
    public void Every_network_is_in_one_part([Values(1, 2, 3, 7)] int parts)
    {
        SweepPart[] all = [.. Enumerable.Range(1, parts).Select(number => SweepPart.Parse($"{number}/{parts}"))];
        Assert.That(Enumerable.Range(0, 20).Select(network => all.Count(part => part.Has(network))), Is.All.EqualTo(1));
        Assert.That(all.Select(part => SweepPart.OfFolder(part.FolderIn("sweep"))), Is.EqualTo(all));
    }

    [TestCase("0/4")]
    [TestCase("5/4")]
    [TestCase("1/0")]
    [TestCase("1/10001")]
    [TestCase("-1/4")]
    [TestCase("01/4")]
    [TestCase("1/4/2")]
    [TestCase("1")]
    [TestCase("")]
    [TestCase("1/99999999999999999999")]
    public void What_is_no_part_is_refused(string part) =>
        Refuse(Sweep(4, "--part", part, "--run", "many"), "--part", $"'{part}'", "K/N");

    [Test]
    public void A_part_trains_its_own_networks_into_its_own_folder()
    {
        Outcome outcome = Part(5, "2/3", "many", "--json", "--csv", "part.csv");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Json.GetProperty("networks").GetInt32(), Is.EqualTo(2));
            Assert.That(outcome.Error, Does.Contain("makemore sweep merge many"));
            Assert.That(File.ReadAllLines("part.csv")[1..].Select(line => line.Split(',')[0]), Is.EqualTo(new[] { "1", "4" }));
            Assert.That(Directory.GetFileSystemEntries("many"), Is.EqualTo(new[] { Path.Combine("many", "part-2-of-3") }));
        }
    }

    [Test]
    public void A_part_that_is_there_goes_on()
    {
        Outcome interrupted = RunUntil("folder ", Sweep(4, "--part", "1/2", "--run", "many"));
        interrupted.AssertFailed(Interrupted, "0 of 2 networks");
        string folder = Path.Combine("many", "part-1-of-2");
        Part(4, "1/2", "many");
        string[] results = Results(folder);
        Outcome again = Part(4, "1/2", "many", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.Json.GetProperty("steps_per_second").GetDouble(), Is.Zero, "nothing is trained twice");
            Assert.That(Results(folder), Is.EqualTo(results));
            Assert.That(Succeed("sweep", "--resume", folder, "--json").Json.GetProperty("networks").GetInt32(), Is.EqualTo(2));
        }
    }

    [Test]
    public void A_part_of_another_sweep_is_refused()
    {
        Part(4, "1/2", "many");
        Refuse(Sweep(6, "--part", "1/2", "--run", "many"), "part-1-of-2", "another sweep");
        Succeed(Sweep(4, "--run", "one"));
        Refuse(Sweep(4, "--part", "1/2", "--run", "one"), "'one'", "another sweep");
    }

    [Test]
    public void A_part_without_networks_ends_well()
    {
        Outcome outcome = Part(2, "3/3", "many", "--json");
        Assert.That(outcome.Json.GetProperty("networks").GetInt32(), Is.Zero);
        Assert.That(outcome.Json.GetProperty("steps_per_second").GetDouble(), Is.Zero);
    }

    [TestCase("cuda:0", "cuda:1", true)]
    [TestCase("cpu", "opencl:0", false)]
    public void Equal_devices_give_the_same_bits(string accelerator, string other, bool same)
    {
        var machine = new SweepMachine(accelerator, "a device", "auto", 1, "float32", "warps");
        Assert.That(machine.GivesTheBitsOf(machine with { Accelerator = other, Threads = null }), Is.EqualTo(same));
        Assert.That(machine.GivesTheBitsOf(machine with { Vectors = "others" }), Is.False);
    }

    [Test]
    public void Parts_need_a_folder_and_equal_steps()
    {
        Refuse(Sweep(4, "--part", "1/2"), "--part", "--run");
        Refuse(Sweep(4, "--part", "1/2", "--run", "many", "--halving"), "--halving", "--part");
        Refuse(Sweep(4, "--part", "1/2", "--run", "many", "--force"), "--force");
        Part(4, "1/2", "many");
        Refuse(["sweep", "--resume", Path.Combine("many", "part-1-of-2"), "--part", "1/2"], "--part", "for a new sweep");
    }
}
