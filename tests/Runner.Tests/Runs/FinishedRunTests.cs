using System.Globalization;
using System.Text.Json.Nodes;
using Makemore.Gpu.Runner.Runs;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Run folders that were cut off, broken, or made by others.</summary>
sealed class FinishedRunTests : CommandTests
{
    const string Metrics = "run/metrics.jsonl";
    const string Diagnostics = "run/diagnostics.jsonl";
    const string Statistics = "run/statistics.jsonl";

    [SetUp]
    public void TrainAndWatch() => Train("--run", "run", "--recipe", "backprop", "--watch", "--watch-every", "2");

    [TestCase(Metrics, "{\"step\":10,\"lo")]
    [TestCase(Metrics, "{")]
    [TestCase(Metrics, "\0\0\0\0")]
    [TestCase(Diagnostics, "{\"step\":10")]
    public void The_torn_last_line_of_a_killed_run_is_left_out(string file, string torn)
    {
        FinishedRun whole = FinishedRun.Read("run", _ => { });
        File.AppendAllText(file, torn);
        FinishedRun read = FinishedRun.Read("run", _ => { });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Metrics, Is.EqualTo(whole.Metrics).And.Count.EqualTo(10));
            Assert.That(read.Looks.Select(look => look.Step), Is.EqualTo(new[] { 0, 2, 4, 6, 8 }));
        }
    }

    [Test]
    public void A_broken_line_before_the_last_is_told(
        [Values(Metrics, Diagnostics)] string file, [Values("", "x", "[]", "null", "{}", "{\"step\":")] string broken)
    {
        string[] lines = File.ReadAllLines(file);
        lines[2] = broken;
        File.WriteAllLines(file, lines);
        Refuse(["inspect", "--run", "run"], $"'{file}' line 3", "train again");
    }

    [TestCase(Metrics, "{\"step\":-1,\"loss\":2,\"learning_rate\":0.1}")]
    [TestCase(Diagnostics, "{\"step\":0,\"learning_rate\":0.1,\"saturated\":{},\"update_to_data\":{\"W9\":0.1}}")]
    [TestCase(Diagnostics, "{\"step\":0,\"learning_rate\":0.1,\"saturated\":{},\"update_to_data\":{}}")]
    [TestCase(Statistics, "{\"layer\":1,\"mean\":{\"running\":[],\"calibrated\":[]},\"spread\":{\"running\":[],\"calibrated\":[]}}")]
    [TestCase(Statistics, "{\"layer\":1,\"mean\":{\"running\":[1],\"calibrated\":[1]},\"spread\":{\"running\":[1],\"calibrated\":[1,2]}}")]
    public void A_line_that_is_of_no_run_of_the_model_is_told(string file, string line)
    {
        File.WriteAllLines(file, [line]);
        Refuse(["inspect", "--run", "run"], $"'{file}' line 1", "does not fit the model");
    }

    [Test]
    public void A_loss_that_is_no_number_and_a_dev_loss_are_read()
    {
        File.WriteAllLines(Metrics,
        [
            """{"step":0,"loss":null,"learning_rate":0.1,"dev_loss":2.5}""", """{"step":1,"loss":3.5,"learning_rate":0.1}""",
        ]);
        FinishedRun run = FinishedRun.Read("run", _ => { });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Metrics.Select(result => result.Loss), Is.EqualTo(new[] { float.NaN, 3.5f }));
            Assert.That(run.Metrics.Select(result => result.DevLoss), Is.EqualTo(new double?[] { 2.5, null }));
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no such files")]
    public void What_is_no_file_is_not_opened()
    {
        File.Delete(Metrics);
        File.CreateSymbolicLink(Metrics, "/dev/zero");
        Assert.That(FinishedRun.Read("run", _ => { }).Metrics, Is.Empty);
    }

    [Test]
    public void A_model_of_endless_steps_is_refused_before_their_batches_are_drawn()
    {
        SetSteps(int.MaxValue);
        Refuse(["inspect", "--run", "run", "--accelerator", "cpu"], "2,147,483,647", "random numbers");
    }

    [Test]
    public void A_step_beyond_the_run_is_refused()
    {
        SetSteps(10, step: int.MaxValue);
        Refuse(["inspect", "--run", "run"], "its step is 2147483647");
    }

    static void SetSteps(int steps, int? step = null)
    {
        const string Model = "run/model.safetensors";
        TensorFile.WithHeader(Model, Model, header =>
        {
            JsonNode metadata = header["__metadata__"]!;
            JsonNode configuration = JsonNode.Parse(metadata["configuration"]!.GetValue<string>())!;
            configuration["steps"] = steps;
            configuration["recipe"]!["batch"] = 100;
            metadata["configuration"] = configuration.ToJsonString();
            metadata["step"] = (step ?? steps).ToString(CultureInfo.InvariantCulture);
        });
    }
}
