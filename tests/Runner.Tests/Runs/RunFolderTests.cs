using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Where a run goes, what is in it, and which folders are refused.</summary>
sealed class RunFolderTests : CommandTests
{
    [Test]
    public void A_run_without_a_folder_of_its_own_minds_no_other_name_in_the_folder_of_runs()
    {
        Directory.CreateDirectory("runs");
        Write(Path.Combine("runs", "run"), "a file");
        Write(Path.Combine("runs", "batchnorm-1"), "another");
        Train();
        Assert.That(File.Exists(Path.Combine("runs", "batchnorm-2", "model.safetensors")), Is.True);
    }

    [Test]
    public void A_run_leaves_settings_losses_checkpoints_and_the_model()
    {
        Train("--run", "run");
        Assert.That(
            Directory.GetFileSystemEntries("run").Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "config.json", "metrics.jsonl", "checkpoints", "model.safetensors", "result.json" }));
        Assert.That(
            Directory.GetFileSystemEntries("run/checkpoints").Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "step-0.safetensors", "step-10.safetensors" }));
    }

    [Test]
    public void Force_leaves_alone_what_no_run_has_made()
    {
        Train("--run", "run", "--steps", "3");
        Succeed("inspect", "--run", "run", "--data", SmallNames.FileName, "--accelerator", "cpu");
        string[] others = ["run/notes.txt", "run/plots/mine.svg", "run/plots/mine.png", "run/checkpoints/mine.safetensors"];
        foreach (string file in others)
        {
            Write(file, "mine");
        }
        Assert.That(Directory.GetFiles("run/plots"), Has.Length.GreaterThan(2));
        Train("--run", "run", "--steps", "2", "--force");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(others.Select(File.ReadAllText), Has.All.EqualTo("mine"));
            Assert.That(
                Directory.GetFiles("run/plots"), Is.EquivalentTo(others[1..3]), "pictures of the run before would show another model");
            Assert.That(File.Exists("run/report.html"), Is.False);
        }
    }

    [Test]
    public void A_run_that_force_cannot_begin_leaves_the_run_before_as_it_was()
    {
        Train("--run", "run");
        Directory.CreateDirectory("run/checkpoints/step-0.safetensors.partial");
        string[] before = Listing();
        Run(Training("--run", "run", "--force", "--steps", "3")).AssertFailed(WrongCall, "'run'", "cannot be written");
        Assert.That(Listing(), Is.EqualTo(before));
    }

    [Test]
    public void Runs_are_numbered_by_recipe()
    {
        Train();
        Train();
        Train("--recipe", "backprop");
        Assert.That(
            Directory.GetDirectories("runs").Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "batchnorm-1", "batchnorm-2", "backprop-1" }));
    }

    [Test]
    public void The_next_free_number_is_taken()
    {
        Directory.CreateDirectory("runs/batchnorm-1");
        Directory.CreateDirectory("runs/batchnorm-3");
        Write("runs/batchnorm-2", "a file");
        Train();
        Assert.That(File.Exists("runs/batchnorm-4/model.safetensors"), Is.True);
    }

    [Test]
    public void A_run_folder_is_made_with_the_folders_above_it()
    {
        Train("--run", "a/b/c");
        Assert.That(File.Exists("a/b/c/model.safetensors"), Is.True);
    }

    [TestCase("run")]
    [TestCase("empty")]
    public void A_folder_that_exists_is_refused_and_left_alone(string folder)
    {
        Train("--run", "run");
        Directory.CreateDirectory("empty");
        Refuse(Training("--run", folder, "--steps", "3"), folder, "exists", "--force");
    }

    [Test]
    public void Force_writes_into_a_folder_that_exists()
    {
        Train("--run", "run", "--steps", "20");
        Train("--run", "run", "--steps", "3", "--force");
        Train("--run", "new", "--steps", "3", "--force");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllBytes("run/metrics.jsonl"), Is.EqualTo(File.ReadAllBytes("new/metrics.jsonl")));
            Assert.That(File.ReadAllBytes("run/config.json"), Is.EqualTo(File.ReadAllBytes("new/config.json")));
            Assert.That(File.ReadAllBytes("run/model.safetensors"), Is.EqualTo(File.ReadAllBytes("new/model.safetensors")));
        }
    }

    [TestCase("file")]
    [TestCase("file", "--force")]
    [TestCase("file/below")]
    [TestCase("file/below/it")]
    [TestCase("")]
    public void A_folder_that_cannot_be_is_refused(string folder, params string[] options)
    {
        Write("file", "not a folder");
        Refuse(Training(["--run", folder, .. options]), $"'{folder}'", "--run");
    }

    [Test]
    public void A_name_that_is_too_long_leaves_no_folder_above_it() =>
        Refuse(Training("--run", $"new/{new string('x', 300)}"), "xxx", "--run");

    [Test]
    public void A_file_where_runs_go_is_refused()
    {
        Write("runs", "not a folder");
        Refuse(Training(), "runs", "--run");
    }

    // What cannot be written must be known before hours of training.
    [TestCase("config.json")]
    [TestCase("metrics.jsonl")]
    [TestCase("model.safetensors")]
    public void A_folder_in_place_of_a_file_is_refused(string file)
    {
        Directory.CreateDirectory(Path.Combine("run", file));
        Refuse(Training("--run", "run", "--force"), file);
    }
}
