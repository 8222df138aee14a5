using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps.Cluster;

/// <summary>The command <c>sweep merge</c>.</summary>
sealed class SweepMergeTests : ClusterTests
{
    [Test]
    public void Joined_parts_are_the_sweep_of_one_process_bit_for_bit()
    {
        Outcome one = Succeed(Sweep(5, "--run", "one", "--csv", "one.csv", "--json"));
        foreach (string part in (string[])["3/3", "1/3", "2/3"])
        {
            Part(5, part, "many");
        }
        Outcome many = Succeed("sweep", "merge", "many", "--csv", "many.csv", "--json");
        AssertSame("many", "one");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(many.Json.GetProperty("best").GetProperty("losses").ToString(), Is.EqualTo(
                one.Json.GetProperty("best").GetProperty("losses").ToString()));
            Assert.That(many.Json.GetProperty("steps").GetInt64(), Is.EqualTo(100));
            Assert.That(WithoutSeconds("many.csv"), Is.EqualTo(WithoutSeconds("one.csv")));
            Assert.That(Path.Combine("many", "report.html"), Does.Exist);
        }
        Succeed("sweep", "merge", "many");
        AssertSame("many", "one");
        Refuse(["sweep", "--resume", "many"], "3 parts", "--slurm 3");
    }

    [Test]
    public void What_is_missing_is_named_and_the_rest_is_joined_on_request()
    {
        Part(5, "1/3", "many");
        Refuse(["sweep", "merge", "many"], "2 parts not begun (2, 3)", "--partial");
        Outcome partial = Succeed("sweep", "merge", "many", "--partial", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(partial.Json.GetProperty("networks").GetInt32(), Is.EqualTo(2));
            Assert.That(partial.Error, Does.Contain("note: not joined: 2 parts not begun (2, 3)"));
        }
        Part(5, "2/3", "many");
        Part(5, "3/3", "many");
        Succeed("sweep", "merge", "many");
        Succeed(Sweep(5, "--run", "one"));
        AssertSame("many", "one");
    }

    [Test]
    public void Networks_that_have_not_ended_are_named()
    {
        Part(30, "2/2", "many");
        SweepSettings settings = SweepFolder.ReadSettings(Path.Combine("many", "part-2-of-2"));
        using (SweepFolder.OfPart("many", settings with { Part = new SweepPart(1, 2) }))
        {
        }
        Refuse(["sweep", "merge", "many"], "15 networks not ended (0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 5 more)");
    }

    [Test]
    public void A_damaged_part_is_named()
    {
        Part(4, "1/2", "many");
        Part(4, "2/2", "many");
        string file = SweepFolder.ResultsOf(Path.Combine("many", "part-2-of-2"));
        byte[] bytes = File.ReadAllBytes(file);
        bytes.AsSpan(bytes.Length / 2).Fill(0x55);
        File.WriteAllBytes(file, bytes);
        Refuse(["sweep", "merge", "many"], "part 2 cannot be read", "damaged");
        Assert.That(Succeed("sweep", "merge", "many", "--partial", "--json").Json.GetProperty("networks").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        Part(4, "1/2", "many");
        Part(4, "1/3", "many");
        Refuse(["sweep", "merge", "many"], "parts of 2 and parts of 3");
        Directory.Delete(Path.Combine("many", "part-1-of-3"), recursive: true);
        Part(6, "2/2", "other");
        Directory.Move(Path.Combine("other", "part-2-of-2"), Path.Combine("many", "part-2-of-2"));
        Refuse(["sweep", "merge", "many"], "part-2-of-2", "another sweep");
        Succeed(Sweep(4, "--run", "one"));
        Refuse(["sweep", "merge", "one"], "without parts");
        Refuse(["sweep", "merge", "nowhere"], "no parts", "'nowhere'");
    }

    [Test]
    public void A_best_model_that_is_lost_is_named()
    {
        Part(2, "1/1", "many");
        Directory.Delete(Path.Combine("many", "part-1-of-1", "models"), recursive: true);
        Refuse(["sweep", "merge", "many"], "the model of network", "models");
    }

    [Test]
    public void A_sweep_without_models_is_joined_without_one()
    {
        Part(2, "1/1", "many", "--keep", "none");
        Succeed("sweep", "merge", "many");
        Assert.That(Path.Combine("many", SweepFolder.ModelFileName), Does.Not.Exist);
    }

    [Test]
    public void Help_tells_of_the_command_below_another_one()
    {
        Assert.That(Succeed("sweep", "merge", "--help").OutputLines, Has.One.Match(@"--partial {2,}\S"));
        Run("sweep", "merge").AssertFailed(WrongCall, "(see makemore sweep merge --help)");
    }

    static string[] WithoutSeconds(string csv) => [.. File.ReadAllLines(csv).Select(line => line[..line.LastIndexOf(',')])];
}
