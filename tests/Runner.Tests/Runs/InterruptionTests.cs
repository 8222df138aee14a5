using System.Text;
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
        outcome.AssertFailed(Interrupted, Model, "interrupted after");
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
            $"step {done - 1:N0} ", Training("--strategy", strategy, "--steps", $"{steps}", "--drop-at", $"{steps / 2}", "--run", "run"));
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
        Outcome outcome = RunUntil("model", Training("--run", "run"));
        outcome.AssertFailed(Interrupted);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Output, Does.Contain(Model).And.Not.Contain("losses"));
            Assert.That(Run("sample", "--model", Model, "--accelerator", "cpu").ExitCode, Is.EqualTo(Done));
        }
    }

    [Test]
    public void Json_is_not_begun_by_a_run_that_is_stopped()
    {
        using var output = new StringWriter();
        Outcome outcome = Run(output, new CancellationToken(canceled: true), Training("--run", "run", "--json"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(Interrupted));
            Assert.That(outcome.Output, Is.Empty);
            Assert.That(outcome.ErrorLines[^1], Does.StartWith("makemore: ").And.Contain(Model));
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

    static Outcome RunUntil(string beginning, params string[] args)
    {
        using var output = new WriterThatStops(beginning);
        return Run(output, output.Stopped, args);
    }

    /// <summary>Stops the program as soon as it has written a line with a certain beginning.</summary>
    sealed class WriterThatStops(string beginning) : StringWriter(new StringBuilder(), System.Globalization.CultureInfo.InvariantCulture)
    {
        readonly CancellationTokenSource stop = new();

        public CancellationToken Stopped => stop.Token;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value!.StartsWith(beginning, StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }

        protected override void Dispose(bool disposing)
        {
            stop.Dispose();
            base.Dispose(disposing);
        }
    }
}
