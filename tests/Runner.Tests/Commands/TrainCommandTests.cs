using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>What the command train shows, and that it does as its options say.</summary>
sealed class TrainCommandTests : CommandTests
{
    const string Run1 = "run";

    [Test]
    public void Names_may_be_given_without_an_option()
    {
        string names = SmallNames.Write();
        string[] small = ["--accelerator", "cpu", "--hidden", "8", "--batch", "8", "--steps", "10"];
        Succeed(["train", names, "--run", "a", .. small]);
        Succeed(["train", "--data", names, "--run", "b", .. small]);
        Succeed(["train", names, "--data", names, "--run", "c", .. small]);
        Assert.That(File.ReadAllBytes("b/model.safetensors"), Is.EqualTo(File.ReadAllBytes("a/model.safetensors")));
        Refuse(["train", names, "--data", "others.txt"], $"'{names}'", "'others.txt'", "--data");
        Refuse(["train", "nowhere.txt"], "'nowhere.txt'");
    }

    [Test]
    public void It_says_which_names_it_trains_on()
    {
        string line = Line(Train(), "names");
        Assert.That(line, Does.Contain($"{SmallNames.FileName} ({SmallNames.All.Count} names)").And.Not.Contain("--data"));
    }

    [Test]
    public void Without_data_it_takes_the_embedded_list_and_says_how_to_get_others()
    {
        NeedOwnDataFolder();
        string line = Line(Succeed("train", "--steps", "1", "--hidden", "2", "--accelerator", "cpu"), "names");
        Assert.That(line, Does.Contain("embedded").And.Contain("makemore data").And.Contain("--data FILE"));
    }

    [Test]
    public void Its_text_tells_of_splits_recipe_progress_losses_and_where_the_model_is()
    {
        Outcome outcome = Train("--steps", "300");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(Line(outcome, "examples"), Does.Match(@"train \d+, dev \d+, test \d+"));
            Assert.That(Line(outcome, "accelerator"), Does.Contain("cpu:0"));
            Assert.That(Line(outcome, "recipe"), Does.Contain("batchnorm").And.Contain("parameters").And.Contain("300 steps"));
            Assert.That(Line(outcome, "run folder"), Does.Contain(Path.Combine("runs", "batchnorm-1")));
            Assert.That(Line(outcome, "losses"), Does.Match(@"train \d\.\d{4}, dev \d\.\d{4}, test \d\.\d{4}"));
            Assert.That(Line(outcome, "model"), Does.Contain(Path.Combine("runs", "batchnorm-1", "model.safetensors")));
            Assert.That(outcome.OutputLines, Has.Some.Match(@"^step 0 of 300   loss \d\.\d{4} \(mean of 1 step\)"));
            Assert.That(outcome.OutputLines, Has.Some.Match(@"^step 299 of 300   loss \d\.\d{4} \(mean of 300 steps\) .*steps/s.*left"));
        }
    }

    [Test]
    public void It_ends_with_the_names_that_sample_gives()
    {
        Outcome training = Train("--run", Run1);
        string[] lines = Succeed("sample", "--model", Path.Combine(Run1, "model.safetensors"), "--accelerator", "cpu").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Length.EqualTo(22).And.Some.Match("^20 names: "));
            Assert.That(training.OutputLines[^22..], Is.EqualTo(lines));
        }
    }

    [Test]
    public void Json_is_one_line_with_the_whole_result()
    {
        Outcome outcome = Train("--json", "--run", Run1);
        JsonElement json = outcome.Json;
        JsonProperty[] losses = [.. json.GetProperty("losses").EnumerateObject()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                json.EnumerateObject().Select(property => property.Name),
                Is.EquivalentTo(new[]
                {
                    "steps", "losses", "steps_per_second", "accelerator", "strategy", "model", "metrics", "best_dev", "is_interrupted",
                }));
            Assert.That(json.GetProperty("steps").GetInt32(), Is.EqualTo(10));
            Assert.That(losses.Select(loss => loss.Name), Is.EqualTo(new[] { "train", "dev", "test" }));
            Assert.That(losses.Select(loss => loss.Value.GetDouble()), Has.All.InRange(0.1, 10));
            Assert.That(json.GetProperty("steps_per_second").GetDouble(), Is.Positive);
            Assert.That(json.GetProperty("accelerator").GetString(), Is.EqualTo("cpu:0"));
            Assert.That(json.GetProperty("strategy").GetString(), Is.EqualTo("fused"));
            Assert.That(json.GetProperty("model").GetString(), Is.EqualTo(Path.Combine(Run1, "model.safetensors")).And.Exist);
            Assert.That(json.GetProperty("metrics").GetString(), Is.EqualTo(Path.Combine(Run1, "metrics.jsonl")).And.Exist);
            Assert.That(outcome.ErrorLines, Has.Some.StartsWith("losses"));
        }
    }

    [Test]
    public void Text_and_json_tell_the_same_losses()
    {
        IEnumerable<string> expected = Train("--json").Json.GetProperty("losses").EnumerateObject()
            .Select(split => string.Create(CultureInfo.InvariantCulture, $"{split.Name} {split.Value.GetDouble():F4}"));
        Assert.That(Line(Train(), "losses"), Does.Contain(string.Join(", ", expected) + " (means of the splits after 10 steps)"));
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void The_same_command_gives_the_same_bits(string recipe)
    {
        Train("--recipe", recipe, "--run", "one");
        Train("--recipe", recipe, "--run", "two");
        Assert.That(File.ReadAllBytes("two/metrics.jsonl"), Is.EqualTo(File.ReadAllBytes("one/metrics.jsonl")));
        TensorFile.AssertSameTensors("two/model.safetensors", "one/model.safetensors");
    }

    [TestCase("fused")]
    [TestCase("layered")]
    public void The_strategy_that_was_asked_for_is_taken_and_told(string strategy)
    {
        Assert.That(Train("--strategy", strategy, "--json", "--run", Run1).Json.GetProperty("strategy").GetString(), Is.EqualTo(strategy));
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Run1, "config.json")));
        Assert.That(settings.RootElement.GetProperty("strategy").GetString(), Is.EqualTo(strategy));
        Assert.That(settings.RootElement.GetProperty("precision").GetString(), Is.EqualTo("float32"));
    }

    [Test]
    public void Threads_change_no_bit([Values("fused", "layered")] string strategy, [Values("2", "auto")] string threads)
    {
        Train("--strategy", strategy, "--threads", "1", "--run", "one");
        Train("--strategy", strategy, "--threads", threads, "--run", "two");
        Assert.That(File.ReadAllBytes("two/metrics.jsonl"), Is.EqualTo(File.ReadAllBytes("one/metrics.jsonl")));
        TensorFile.AssertSameTensors("two/model.safetensors", "one/model.safetensors");
    }

    [Test]
    public void No_steps_leave_an_untrained_model()
    {
        Outcome outcome = Train("--steps", "0", "--run", Run1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Metrics(Run1), Is.Empty);
            Assert.That(Path.Combine(Run1, "model.safetensors"), Does.Exist);
            Assert.That(Line(outcome, "losses"), Does.Match(@"train \d\.\d{4}"));
        }
    }

    [Test]
    public void Another_seed_gives_other_losses()
    {
        Train("--run", "one");
        Train("--run", "two", "--seed", "1");
        Assert.That(File.ReadAllText("two/metrics.jsonl"), Is.Not.EqualTo(File.ReadAllText("one/metrics.jsonl")));
    }

    // What was written in full must be the whole float, and the float's shortest form is short enough to be read.
    [Test]
    public void Metrics_hold_one_object_for_each_step_with_the_loss_in_full()
    {
        Train("--run", Run1);
        JsonElement[] metrics = Metrics(Run1);
        string[] losses = [.. metrics.Select(step => step.GetProperty("loss").GetRawText())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(metrics.Select(step => step.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(0, 10)));
            Assert.That(
                metrics.Select(step => string.Join(' ', step.EnumerateObject().Select(property => property.Name))),
                Has.All.EqualTo("step loss learning_rate"));
            Assert.That(losses.Select(loss => Float(loss).ToString("R", CultureInfo.InvariantCulture)), Is.EqualTo(losses));
            Assert.That(losses, Has.Some.Length.GreaterThanOrEqualTo("3.323862".Length));
        }
    }

    [TestCase("3", new[] { 0, 3, 6, 9 })]
    [TestCase("10", new[] { 0, 9 })]
    [TestCase("1", new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    public void Log_every_thins_the_metrics_but_for_the_last_step_and_nothing_else(string every, int[] steps)
    {
        Train("--run", "all");
        Train("--run", "thin", "--log-every", every);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Metrics("thin").Select(step => step.GetProperty("step").GetInt32()), Is.EqualTo(steps));
            Assert.That(Metrics("thin").Select(step => step.GetRawText()), Is.SubsetOf(Metrics("all").Select(step => step.GetRawText())));
        }
        TensorFile.AssertSameTensors("thin/model.safetensors", "all/model.safetensors");
    }

    [TestCase(new string[0], "0.1 0.1 0.1 0.1 0.1 0.1")]
    [TestCase(new[] { "--drop-at", "4" }, "0.1 0.1 0.1 0.1 0.01 0.01")]
    [TestCase(new[] { "--drop-at", "0" }, "0.01 0.01 0.01 0.01 0.01 0.01")]
    [TestCase(new[] { "--drop-at", "100" }, "0.1 0.1 0.1 0.1 0.1 0.1")]
    [TestCase(new[] { "--learning-rate", "0.5" }, "0.5 0.5 0.5 0.5 0.5 0.5")]
    [TestCase(new[] { "--learning-rate", "0.5", "--drop-at", "3" }, "0.5 0.5 0.5 0.05 0.05 0.05")]
    public void The_learning_rate_drops_to_a_tenth(string[] options, string rates)
    {
        Train([.. options, "--steps", "6", "--run", Run1]);
        Assert.That(string.Join(' ', Metrics(Run1).Select(step => step.GetProperty("learning_rate").GetRawText())), Is.EqualTo(rates));
    }

    [Test]
    public void A_larger_step_gives_other_losses_from_the_second_step_on()
    {
        Train("--run", "one");
        Train("--run", "two", "--learning-rate", "0.2");
        string[] one = [.. Metrics("one").Select(step => step.GetProperty("loss").GetRawText())];
        string[] two = [.. Metrics("two").Select(step => step.GetProperty("loss").GetRawText())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(two[0], Is.EqualTo(one[0]));
            Assert.That(two[1], Is.Not.EqualTo(one[1]));
        }
    }

    [Test]
    public void The_lectures_names_make_the_lectures_splits()
    {
        Outcome outcome = Succeed("train", "--data", SmallNames.LecturePath(), "--steps", "1", "--hidden", "1", "--accelerator", "cpu");
        Assert.That(Line(outcome, "examples"), Does.EndWith("train 182,625, dev 22,655, test 22,866"));
    }

    // With the alphabet and nothing else, as the lectures' names have it.
    [TestCase("naive", "11,897 parameters")]
    [TestCase("small-logits", "11,897 parameters")]
    [TestCase("scaled-hidden", "11,897 parameters")]
    [TestCase("kaiming", "11,897 parameters")]
    [TestCase("batchnorm", "12,097 parameters")]
    [TestCase("backprop", "12,297 parameters")]
    [TestCase("deep-linear", "46,497 parameters")]
    [TestCase("deep-tanh", "46,497 parameters")]
    [TestCase("deep-batchnorm", "47,024 parameters")]
    public void The_recipes_make_the_lectures_networks(string recipe, string parameters)
    {
        string data = Write("alphabet.txt", SmallNames.Text + "quentin\n");
        Outcome outcome = Succeed("train", "--data", data, "--recipe", recipe, "--steps", "1", "--accelerator", "cpu");
        Assert.That(Line(outcome, "recipe"), Does.Contain(parameters));
    }

    // 0x7f7fffff, the largest float, is 3.4e38: a rate that floats hold, and after which no parameter is one.
    [TestCase("1e30")]
    [TestCase("3e38")]
    public void A_run_that_diverges_stops_with_the_step_and_what_to_try(string rate)
    {
        Outcome outcome = Run(Training("--learning-rate", rate, "--steps", "200", "--run", Run1));
        outcome.AssertFailed(FailedAtWork, "--learning-rate");
        JsonElement last = Metrics(Run1)[^1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Does.Contain($"step {last.GetProperty("step").GetInt32()}"));
            Assert.That(last.GetProperty("loss").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(outcome.Output, Does.Not.Contain("losses"));
            Assert.That(Path.Combine(Run1, "model.safetensors"), Does.Not.Exist);
        }
    }

    // Batches of two draw the same context twice now and then: the call cannot work. What comes of the weights shows at work alone.
    [TestCase(WrongCall, "--bn-epsilon", "--batch", "2", "--steps", "2000")]
    [TestCase(FailedAtWork, "--bn-epsilon", "--hidden-scale", "0")]
    [TestCase(FailedAtWork, "--gain", "--recipe", "deep-linear", "--gain", "3", "--hidden", "50,50,50,50,50", "--steps", "200")]
    public void A_run_that_cannot_go_on_advises_by_its_cause(int exitCode, string advice, params string[] options)
    {
        foreach (string strategy in (string[])["layered", "fused"])
        {
            Run(Training([.. options, "--strategy", strategy, "--run", Run1, "--force"])).AssertFailed(exitCode, advice);
        }
    }

    [Test]
    public void A_run_that_diverges_gives_no_json() =>
        Assert.That(Run(Training("--learning-rate", "1e30", "--json")).Output, Is.Empty);

    static float Float(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    static string Line(Outcome outcome, string heading) =>
        outcome.OutputLines.Single(line => line.StartsWith(heading, StringComparison.Ordinal));

    static JsonElement[] Metrics(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
}
