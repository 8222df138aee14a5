using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.History;

/// <summary>What of runs is removed, and above all what is not.</summary>
sealed class PruneTests : CommandTests
{
    [Test]
    public void Without_yes_it_is_shown_and_nothing_is_removed()
    {
        Train("--run", "runs/a");
        string[] before = Listing();
        Outcome outcome = Succeed("runs", "prune", "--keep", "0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.OutputLines[^1], Does.Contain("nothing was removed").And.Contain("--yes"));
            Assert.That(Listing(), Is.EqualTo(before));
        }
    }

    [Test]
    public void Checkpoints_of_finished_runs_go_and_all_else_of_them_stays()
    {
        Train("--run", "runs/a");
        string[] rest = [.. Listing().Where(line => !line.Contains("checkpoints", StringComparison.Ordinal))];
        long bytes = new DirectoryInfo("runs/a/checkpoints").EnumerateFiles().Sum(file => file.Length);
        JsonElement shown = Succeed("runs", "prune", "--json").Json;
        JsonElement json = Succeed("runs", "prune", "--yes", "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown.GetProperty("bytes").GetInt64(), Is.EqualTo(bytes));
            Assert.That(json.GetProperty("bytes").GetInt64(), Is.EqualTo(bytes));
            Assert.That(Listing(), Is.EqualTo(rest));
            Assert.That(State("a"), Is.EqualTo("finished"));
            Assert.That(Succeed("runs", "prune").Output, Does.Contain("nothing can be spared"));
        }
    }

    [Test]
    public void The_newest_and_the_best_stay()
    {
        Train("--run", "runs/best", "--recipe", "kaiming", "--steps", "40");
        Train("--run", "runs/worst", "--recipe", "naive", "--steps", "1");
        Train("--run", "runs/newest", "--recipe", "naive", "--steps", "2");
        Succeed("runs", "prune", "--keep", "1", "--keep-best", "1", "--yes");
        Assert.That(Folders(), Is.EquivalentTo(new[] { "best", "newest" }));
    }

    [Test]
    public void Files_of_others_stay_and_the_folders_that_hold_them()
    {
        Train("--run", "runs/a");
        Succeed("inspect", "--run", "runs/a", "--data", SmallNames.FileName, "--accelerator", "cpu");
        string[] others =
        [
            "runs/a/notes.txt", "runs/a/plots/mine.svg", "runs/a/plots/mine.png", "runs/a/checkpoints/mine.safetensors",
            "runs/a/checkpoints/step-x.safetensors", "runs/a/data/names.txt",
        ];
        Directory.CreateDirectory("runs/a/data");
        foreach (string file in others)
        {
            Write(file, "mine");
        }
        Succeed("runs", "prune", "--keep", "0", "--yes");
        Assert.That(
            Directory.GetFiles("runs", "*", SearchOption.AllDirectories).Select(file => file.Replace('\\', '/')), Is.EquivalentTo(others));
    }

    [Test]
    public void Links_stay_and_what_they_lead_to()
    {
        Train("--run", "elsewhere/a");
        Train("--run", "elsewhere/b");
        Train("--run", "runs/b");
        Directory.CreateSymbolicLink("runs/a", Path.GetFullPath("elsewhere/a"));
        Directory.Delete("runs/b/checkpoints", recursive: true);
        Directory.CreateSymbolicLink("runs/b/checkpoints", Path.GetFullPath("elsewhere/b/checkpoints"));
        Directory.CreateSymbolicLink("runs/b/plots", Path.GetFullPath("elsewhere/b"));
        File.Move("runs/b/metrics.jsonl", "kept.jsonl");
        File.CreateSymbolicLink("runs/b/metrics.jsonl", Path.GetFullPath("kept.jsonl"));
        string[] before = [.. Listing().Where(line => !line.StartsWith("runs", StringComparison.Ordinal))];
        Succeed("runs", "prune", "--keep", "0", "--unfinished", "--yes");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Listing().Where(line => !line.StartsWith("runs", StringComparison.Ordinal)), Is.EqualTo(before));
            Assert.That(
                Directory.GetFileSystemEntries("runs/b").Select(Path.GetFileName),
                Is.EquivalentTo(new[] { "checkpoints", "plots", "metrics.jsonl" }));
            Assert.That(Folders(), Does.Contain("a"));
        }
    }

    [Test]
    public void A_run_that_is_running_is_left_alone()
    {
        Outcome? pruned = null;
        Train("--run", "runs/whole");
        RunWhile(
            "step 0 ", () => pruned = Succeed("runs", "prune", "runs/a", "--keep", "0", "--unfinished", "--yes"),
            Training("--run", "runs/a"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pruned!.Output, Does.Contain("removed: 0 B"));
            Assert.That(File.ReadAllBytes("runs/a/model.safetensors"), Is.EqualTo(File.ReadAllBytes("runs/whole/model.safetensors")));
        }
    }

    [Test]
    public void A_run_that_can_go_on_is_removed_only_where_that_is_asked_for()
    {
        RunUntil("step 0 ", Training("--run", "runs/a", "--steps", "5000"));
        string[] before = Listing();
        Succeed("runs", "prune", "--keep", "0", "--yes");
        Assert.That(Listing(), Is.EqualTo(before));
        Succeed("runs", "prune", "--unfinished", "--yes");
        Assert.That(Folders(), Is.Empty);
    }

    [Test]
    public void A_run_that_left_nothing_to_go_on_from_goes()
    {
        Train("--run", "runs/a");
        foreach (string file in new[] { "model.safetensors", "result.json", "checkpoints/step-10.safetensors" })
        {
            File.Delete($"runs/a/{file}");
        }
        Write("runs/a/.lock", "");
        Write("runs/a/model.safetensors.partial", "half of it");
        Succeed("runs", "prune", "--yes");
        Assert.That(Folders(), Is.Empty);
    }

    [TestCase("config.json")]
    [TestCase("model.safetensors")]
    public void What_is_damaged_loses_nothing(string file)
    {
        Train("--run", "runs/a");
        Write($"runs/a/{file}", "{");
        string[] before = Listing();
        Succeed("runs", "prune", "--yes");
        Assert.That(Listing(), Is.EqualTo(before));
    }

    [Test]
    public void Sweeps_and_folders_of_others_stay()
    {
        SmallNames.Write();
        Succeed("sweep", "--data", SmallNames.FileName, "--hidden", "4", "--batch", "8", "--steps", "5", "--seeds", "2",
            "--accelerator", "cpu");
        Directory.CreateDirectory("runs/mine");
        Write("runs/mine/config.json", "{}");
        Write("runs/mine/model.safetensors", "mine");
        string[] before = Listing();
        Succeed("runs", "prune", "--keep", "0", "--keep-best", "0", "--unfinished", "--yes");
        Assert.That(Listing(), Is.EqualTo(before));
    }

    static string[] Folders() => [.. Directory.GetDirectories("runs").Select(path => Path.GetFileName(path))];

    static string State(string name) => Succeed("runs", "--json").Json.GetProperty("runs").EnumerateArray()
        .Single(run => run.GetProperty("name").GetString() == name).GetProperty("state").GetString()!;
}
