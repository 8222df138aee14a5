using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.History;

/// <summary>The list of runs: what it tells of each, whatever became of it.</summary>
sealed class RunsTests : CommandTests
{
    [Test]
    public void Without_runs_it_says_how_one_is_made()
    {
        Outcome outcome = Succeed("runs");
        Assert.That(outcome.Output, Does.Contain("no run").And.Contain("train"));
        Assert.That(Succeed("runs", "--json").Json.GetProperty("runs").GetArrayLength(), Is.Zero);
    }

    [Test]
    public void A_folder_that_is_not_there_is_refused() => Refuse(["runs", "elsewhere"], "'elsewhere'", "no such folder");

    [Test]
    public void A_finished_run_has_all_that_training_told()
    {
        JsonElement trained = Train("--json").Json;
        JsonElement run = Only("batchnorm-1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.GetProperty("state").GetString(), Is.EqualTo("finished"));
            Assert.That(run.GetProperty("recipe").GetString(), Is.EqualTo("batchnorm"));
            Assert.That(run.GetProperty("data").GetString(), Is.EqualTo(SmallNames.FileName));
            Assert.That(run.GetProperty("done").GetInt32(), Is.EqualTo(10));
            Assert.That(run.GetProperty("of").GetInt32(), Is.EqualTo(10));
            Assert.That(run.GetProperty("losses").GetRawText(), Is.EqualTo(trained.GetProperty("losses").GetRawText()));
            Assert.That(
                run.GetProperty("steps_per_second").GetDouble(), Is.EqualTo(trained.GetProperty("steps_per_second").GetDouble()));
            Assert.That(run.GetProperty("seconds").GetDouble(), Is.Positive);
            IEnumerable<FileInfo> files = new DirectoryInfo("runs/batchnorm-1").EnumerateFiles("*", SearchOption.AllDirectories);
            Assert.That(run.GetProperty("size_bytes").GetInt64(), Is.EqualTo(files.Sum(file => file.Length)));
        }
    }

    [Test]
    public void The_table_has_a_line_for_each_run_the_newest_last()
    {
        Train("--run", "runs/b", "--steps", "3");
        Train("--run", "runs/a", "--steps", "4");
        string[] lines = Succeed("runs").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Names(lines), Is.EqualTo(new[] { "b", "a" }));
            Assert.That(lines[^1], Does.StartWith("2 folders in runs, "));
            Assert.That(Names(Succeed("runs", "--sort", "name").OutputLines), Is.EqualTo(new[] { "a", "b" }));
        }
    }

    [Test]
    public void An_interrupted_run_has_stopped_and_goes_on_to_its_end()
    {
        RunUntil("step 0 ", Training("--run", "runs/a", "--steps", "5000"));
        JsonElement stopped = Only("a");
        Succeed("train", "--resume", "runs/a", "--data", SmallNames.FileName);
        JsonElement finished = Only("a");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stopped.GetProperty("state").GetString(), Is.EqualTo("stopped"));
            Assert.That(stopped.GetProperty("done").GetInt32(), Is.LessThan(5000));
            Assert.That(stopped.GetProperty("losses").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(finished.GetProperty("state").GetString(), Is.EqualTo("finished"));
            Assert.That(finished.GetProperty("done").GetInt32(), Is.EqualTo(5000));
            double before = stopped.GetProperty("seconds").GetDouble();
            Assert.That(finished.GetProperty("seconds").GetDouble(), Is.GreaterThan(before));
        }
    }

    [Test]
    public void A_run_whose_folder_is_locked_is_running()
    {
        string state = "";
        RunWhile("step 0 ", () => state = Only("a").GetProperty("state").GetString()!, Training("--run", "runs/a"));
        Assert.That(state, Is.EqualTo("running"));
    }

    [Test]
    public void What_a_killed_program_left_of_its_lock_makes_no_run_of_it()
    {
        Train("--run", "runs/a");
        File.Delete("runs/a/model.safetensors");
        File.Delete("runs/a/result.json");
        Write("runs/a/.lock", "");
        Assert.That(Only("a").GetProperty("state").GetString(), Is.EqualTo("stopped"));
    }

    [Test]
    public void A_diverged_run_says_so()
    {
        Outcome outcome = Run(Training("--run", "runs/a", "--recipe", "deep-linear", "--learning-rate", "1e30"));
        Assert.That(outcome.ExitCode, Is.EqualTo(FailedAtWork), outcome.Error);
        Assert.That(Only("a").GetProperty("state").GetString(), Is.EqualTo("diverged"));
    }

    [Test]
    public void A_run_of_an_earlier_version_is_listed_with_what_is_known()
    {
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Runs", "0.1.0", "kaiming");
        Directory.CreateDirectory("runs/old");
        foreach (string file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine("runs/old", Path.GetFileName(file)));
        }
        JsonElement run = Only("old");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.GetProperty("state").GetString(), Is.EqualTo("finished"));
            Assert.That(run.GetProperty("recipe").GetString(), Is.EqualTo("kaiming"));
            Assert.That(run.GetProperty("done").GetInt32(), Is.EqualTo(24));
            Assert.That(run.GetProperty("seconds").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
    }

    [TestCase("config.json")]
    [TestCase("result.json")]
    public void A_damaged_run_is_told_and_the_others_are_listed(string file)
    {
        Train("--run", "runs/a");
        Train("--run", "runs/b");
        Write($"runs/a/{file}", "{");
        Outcome outcome = Succeed("runs");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Names(outcome.OutputLines), Is.EquivalentTo(new[] { "a", "b" }));
            Assert.That(outcome.OutputLines, Has.One.StartsWith("damaged: ").And.Contain($"a/{file}'"));
        }
    }

    [Test]
    public void Other_folders_are_no_runs()
    {
        Directory.CreateDirectory("runs/notes");
        Write("runs/notes/config.json", "{}");
        Write("runs/file", "");
        Assert.That(Succeed("runs", "--json").Json.GetProperty("runs").GetArrayLength(), Is.Zero);
    }

    [Test]
    public void A_sweep_is_one_line_with_its_best_dev_loss()
    {
        SmallNames.Write();
        Succeed("sweep", "--data", SmallNames.FileName, "--vary", "seed=1..2", "--hidden", "4", "--batch", "8", "--steps", "5",
            "--accelerator", "cpu");
        JsonElement run = Only("sweep-1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.GetProperty("is_sweep").GetBoolean());
            Assert.That(run.GetProperty("state").GetString(), Is.EqualTo("finished"));
            Assert.That(run.GetProperty("of").GetInt32(), Is.EqualTo(2));
            Assert.That(run.GetProperty("losses").GetProperty("dev").GetDouble(), Is.Positive);
            Assert.That(Succeed("runs").Output, Does.Contain("2 networks"));
        }
    }

    static JsonElement Only(string name)
    {
        JsonElement run = Succeed("runs", "--json").Json.GetProperty("runs").EnumerateArray().Single();
        Assert.That(run.GetProperty("name").GetString(), Is.EqualTo(name));
        return run;
    }

    // The rows stand between the rule below the headings and the empty line below the table.
    static string[] Names(string[] lines) =>
    [
        .. lines.SkipWhile(line => !line.StartsWith('─')).Skip(1).TakeWhile(line => line.Trim().Length > 0)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]),
    ];
}
