using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Work that is stopped: the exit code, and what is left.</summary>
sealed class InterruptionTests : CommandTests
{
    static readonly string Model = Path.Combine("run", "model.safetensors");

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void Training_that_is_stopped_leaves_a_usable_model_and_says_where(string recipe)
    {
        Outcome outcome = RunUntil("step 0 ", Training("--recipe", recipe, "--steps", "100000", "--run", "run"));
        outcome.AssertFailed(Interrupted, Model, "interrupted after", "makemore train --resume run");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Output, Does.Not.Contain("losses"));
            Assert.That(Sample(Model), Has.Length.EqualTo(20));
            Assert.That(Run("evaluate", "--model", Model, "--data", SmallNames.FileName, "--accelerator", "cpu").ExitCode, Is.Zero);
            Assert.That(Directory.GetFileSystemEntries("run", "*.partial"), Is.Empty);
        }
    }

    // Stopped after a chunk, it holds what a run of so many steps at the same rate gives.
    [TestCase("layered", 101, 1000)]
    [TestCase("fused", 2001, 20_000)]
    public void The_model_is_that_of_the_steps_that_were_done(string strategy, int done, int steps)
    {
        RunUntil(
            $" {done - 1:N0} of ",
            Training(
                "--print-every", $"{done - 1}", "--strategy", strategy, "--steps", $"{steps}", "--drop-at", $"{steps / 2}",
                "--run", "run"));
        int logged = File.ReadAllLines(Path.Combine("run", "metrics.jsonl")).Length;
        Train("--strategy", strategy, "--steps", $"{logged}", "--drop-at", $"{steps / 2}", "--run", "whole");
        Assert.That(logged, Is.InRange(done, steps - 1));
        TensorFile.AssertSameTensors(Model, Path.Combine("whole", "model.safetensors"));
    }

    [Test]
    public void Training_that_is_stopped_before_its_first_step_leaves_the_model_as_drawn()
    {
        using var output = new StringWriter();
        Run(output, new CancellationToken(canceled: true), Training("--run", "run")).AssertFailed(Interrupted, Model);
        Assert.That(Sample(Model), Has.Length.EqualTo(20));
    }

    [Test]
    public void Training_that_is_stopped_in_its_evaluation_has_said_where_the_model_is()
    {
        Outcome outcome = RunUntil("model  ", Training("--run", "run"));
        outcome.AssertFailed(Interrupted);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Output, Does.Contain(Model).And.Not.Contain("losses"));
            Assert.That(Run("sample", "--model", Model, "--accelerator", "cpu").ExitCode, Is.EqualTo(Done));
        }
    }

    [Test]
    public void Json_of_a_run_that_is_stopped_says_so()
    {
        using var output = new StringWriter();
        Outcome outcome = Run(output, new CancellationToken(canceled: true), Training("--run", "run", "--json"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(Interrupted));
            Assert.That(outcome.Json.GetProperty("is_interrupted").GetBoolean(), Is.True);
            Assert.That(outcome.Json.GetProperty("steps").GetInt32(), Is.Zero);
            Assert.That(outcome.Json.GetProperty("losses").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(outcome.ErrorLines[^1], Does.StartWith("makemore: ").And.Contain(Model).And.Contain("--resume run"));
        }
    }

    [Test]
    public void Evaluation_can_be_stopped()
    {
        using var output = new StringWriter();
        string[] call = ["evaluate", "--model", TrainedModel.Write(), "--data", SmallNames.Write(), "--accelerator", "cpu"];
        Outcome outcome = Run(output, new CancellationToken(canceled: true), call);
        outcome.AssertFailed(Interrupted);
        Assert.That(outcome.Output, Is.Empty);
    }

    [Test]
    public void Sampling_can_be_stopped()
    {
        Outcome outcome = RunUntil("", "sample", "--model", TrainedModel.Write(), "--count", "100000", "--accelerator", "cpu");
        outcome.AssertFailed(Interrupted);
        Assert.That(outcome.OutputLines, Has.Length.EqualTo(1));
    }
}
