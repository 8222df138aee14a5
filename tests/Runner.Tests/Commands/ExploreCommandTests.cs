using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Explore;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>The lectures' small experiments.</summary>
sealed class ExploreCommandTests : CommandTests
{
    const string Run1 = "run-1";

    // Each experiment with lines of its tables, its pictures, and properties of its result.
    static IEnumerable<TestCaseData> Experiments()
    {
        yield return Case(
            "uniform-loss",
            [
                @"recipe +expected +loss, step 0 +difference +loss, step 11", @"naive +\d\.\d{4} +\d+\.\d{4} +\+\d+\.\d{4}",
                @"deep-batchnorm +\d\.\d{4}",
            ],
            ["first-losses"], ["characters", "steps", "runs", "uniform"]);
        yield return Case(
            "logit-scale",
            [
                @"logits times +p0 +p1 +p2 +p3 +loss, likeliest", @"0 +0\.2500 +0\.2500 +0\.2500 +0\.2500 +1\.3863", @"^  50 ",
                "^the logits: [+-]",
            ],
            ["loss-by-scale"], ["logits", "target", "rows"]);
        yield return Case(
            "activations", [@"x +tanh\(x\) +1 - tanh\(x\)\^2", @"500 +\+1\.000000 +\+0\.000000", @"0 +\+0\.000000 +\+1\.000000"],
            ["tanh", "relu", "sigmoid", "gelu"], ["curves"]);
        yield return Case(
            "saturation",
            [
                @"before tanh +[+-]\d\.\d\d +\d\.\d\d", @"after tanh +[+-]\d\.\d\d +\d\.\d\d +\d+\.\d\d% +\d+\.\d\d%",
                @"^dead units: \d+ of 200$",
            ],
            ["after-tanh", "before-tanh", "saturation-map"], ["recipe", "hidden"]);
        yield return Case(
            "hidden-scale",
            [
                @"1 +1 +\d\.\d\d +0\.\d\d +\d+\.\d\d%", @"0\.3043 \(Kaiming\) +1 ", @"0\.3043 \(Kaiming\) +0\.01 ",
                @"0\.1 +0\.01 +\d\.\d\d .* \d+ of 200",
            ],
            ["after-tanh-scaled-hidden", "after-tanh-small-logits", "before-tanh-scaled-hidden", "before-tanh-small-logits"], ["rows"]);
        yield return Case(
            "fan-in", [@"1 +[+-]0\.\d{4} +1\.\d{4} +[+-]0\.\d{4} +0\.\d{4} +[+-]0\.\d{4} +3\.\d{4} +3\.1623", @"1/sqrt\(10\) .* 1\.0000"],
            ["product-1", "product-2", "product-3", "product-4"], ["inputs", "input", "rows"]);
        yield return Case(
            "gain",
            [
                "^With tanh: recipe deep-tanh$", "^Without tanh: recipe deep-linear$", "^With tanh and BatchNorm: recipe deep-batchnorm$",
                @"0\.5 +0\.\d\d +0\.0\d +\d\.\d{6}e-05", @"^ +5/3 ", @"3 .* diverged at step \d",
            ],
            [
                .. from recipe in new[] { "deep-batchnorm", "deep-linear", "deep-tanh" }
                   from what in new[] { "gradients", "outputs" }
                   from gain in new[] { "0.5", "1", "3", "5-3" }
                   select $"{recipe}-{what}-gain-{gain}",
            ],
            ["steps", "networks"]);
        yield return Case(
            "bias-before-batchnorm",
            [@"b1 +\(200\) +\d\.\d{6}e-(08|09|10)", @"bnbias +\(200\) +\d\.\d{6}e-0[12]"],
            ["bias-gradients"], ["loss", "gradients"]);
        yield return Case(
            "calibration",
            [
                @"means of the hidden units after 12 steps +[+-]\d\.\d{4} +[+-]\d\.\d{4} +\d\.\d{4} +\d\.\d{4}",
                "^means of the hidden units after 1 step, the first units$", @"^  calibrated  ([+-]\d\.\d{4} *){8}$",
                "^deviations of the hidden units after 12 steps, the first units$",
                @"dev, after 12 steps +\d\.\d{4} +\d\.\d{4} +\d\.\d{4} +[+-]\d\.\d{4}",
            ],
            ["deviations-1", "deviations-12", "means-1", "means-12"], ["recipe", "normalization", "runs"]);
        yield return Case(
            "jitter",
            [
                @"^The logits after [.a-z]{3}$", @"a +[+-]\d\.\d{4} +[+-]\d\.\d{4} +0\.[0-9]{4}",
                @"^mean std of the logits: 0\.\d{4}$",
            ],
            ["jitter"], ["recipe", "steps", "context", "target", "characters", "in_batches", "alone", "spreads"]);
        yield return Case(
            "regularization", [@"12, kaiming +\d\.\d{4} +\d\.\d{4} +[+-]\d\.\d{4}", @"1, batchnorm +\d\.\d{4} "],
            ["gap"], ["runs"]);
        yield return Case(
            "learning-rate",
            [
                @"rate +loss, step 11 +train +dev", @"0\.001 +\d\.\d{4} +\d\.\d{4} +\d\.\d{4}", @"0\.0178 +\d\.\d{4}",
                @"^to train with the best: makemore train --recipe deep-tanh --learning-rate \d", @" the best",
                @"matrix +rate 1 +rate 0\.1 +rate 0\.001", @"layers\.10\.weight +[+-]\d\.\d\d +[+-]\d\.\d\d +[+-]\d\.\d\d",
            ],
            ["loss-by-rate", "updates-0.001", "updates-0.1", "updates-1"],
            ["recipe", "steps", "uniform", "found", "rates", "best"]);
        yield return Case(
            "batch-size",
            [
                @"batch +steps for the examples +dev, same examples +dev, 12 steps +examples of 12 steps",
                @"2 +192 +\d\.\d{4} +\d\.\d{4} +24", @"32 +12 +(\d\.\d{4}) +\1 +384", @"256 +1 +\d\.\d{4} +\d\.\d{4} +3,072",
            ],
            ["dev-by-batch", "loss-by-examples"], ["recipe", "learning_rate", "steps", "examples", "runs"]);
        yield return Case(
            "unscaled-init", [@"layer 14 \(Tanh\) +0\.\d\d +0\.\d\d", @"layers\.15\.weight +-\d\.\d\d +-\d\.\d\d +-\d\.\d\d +-\d\.\d\d"],
            ["updates-scaled", "updates-unscaled"], ["recipe", "is_normalized", "steps", "scaled", "unscaled"]);
        yield return Case(
            "normalization",
            [@"normalization, batch +in batches +each alone", @"batch, 2 +\d\.\d{4} +\d+\.\d{4} +[+-]", @"layer, 256 +\d\.\d{4} +\d"],
            ["loss-by-batch"], ["steps", "runs"]);
        yield return Case(
            "zeros",
            [
                @"kaiming, W1 +\(30, 200\) +0\.0+e\+00 +0\.0+e\+00 +0\.0+e\+00", @"batchnorm, b2 +\(26\) +\d\.\d+e-0\d +",
                @"entropy of the frequencies +\d\.\d{4} +\d\.\d{4}",
            ],
            ["zero-losses"], ["steps", "uniform", "entropy", "networks"]);
        yield return Case(
            "gradient-of-loss",
            [
                @"\. +(\(right\) +)?0\.\d{4} +[+-]\d\.\d{4}", @"\S \(right\) +0\.\d{4} +-0\.\d{4}",
                "^sum of the row: ", "^largest .sum of a row.: ",
            ],
            ["gradient-of-logits"],
            ["recipe", "targets", "probabilities", "gradient", "characters", "largest_row_sum", "largest_difference"]);
        yield return Case(
            "overfit-one-batch", [@"0 +\d\.\d{4} +\d\.\d{4}", @"11 +\d\.\d{4} +\d\.\d{4}", @"\.\.\. +[a-z]{2,} +\d+\.\d{4}"],
            ["overfit"], ["recipe", "losses", "bound", "ambiguous"]);

        static TestCaseData Case(string name, string[] lines, string[] pictures, string[] properties) =>
            new TestCaseData(name, lines, pictures, properties).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Experiments))]
    public void An_experiment_prints_its_table_and_draws_its_pictures(string name, string[] lines, string[] pictures, string[] properties)
    {
        Outcome outcome = Succeed(Call(name, "--json", "--run", Run1));
        using (Assert.EnterMultipleScope())
        {
            foreach (string line in lines)
            {
                Assert.That(outcome.ErrorLines, Has.Some.Match(line));
            }
            Assert.That(outcome.ErrorLines, Has.Some.Match("^names +small.txt").And.Some.Match("^accelerator +cpu:0"));
            Assert.That(outcome.ErrorLines, Has.Some.Match("^report +" + Path.Combine(Run1, "report.html")));
            Assert.That(Directory.GetFileSystemEntries(Run1).Select(Path.GetFileName), Is.EquivalentTo(new[] { "report.html", "plots" }));
            Assert.That(
                Drawn(Run1),
                Is.EqualTo(pictures.SelectMany(picture => new[] { picture + ".png", picture + ".svg" }).Order(StringComparer.Ordinal)));
            Assert.That(outcome.Json.EnumerateObject().Select(property => property.Name), Is.EquivalentTo(properties));
        }
    }

    [Test]
    public void Every_experiment_is_tested_here() =>
        Assert.That(Experiments().Select(test => test.Arguments[0]), Is.EqualTo(Exploration.All.Select(exploration => exploration.Name)));

    [Test]
    public void The_text_is_the_result_where_no_JSON_is_wanted()
    {
        Outcome outcome = Succeed(Call("logit-scale"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines, Does.Contain("What large logits cost"));
        }
    }

    [Test]
    public void In_a_narrow_terminal_every_number_is_whole()
    {
        using var started = ComputeDevice.Open("cpu");
        using ExperimentContext context = Open(started);
        foreach (Page page in Exploration.All.Select(exploration => exploration.Run(context, new ExplorationSettings { Steps = 3 }).Page))
        {
            AssertWhole(page, width: 40);
            AssertWhole(page, width: 80);
        }
    }

    [Test]
    public void The_seed_says_which_numbers_are_drawn()
    {
        string One(params string[] options) => Succeed(Call("logit-scale", ["--json", .. options])).Json.GetRawText();
        Assert.That(One("--seed", "2147483647"), Is.EqualTo(One()).And.Not.EqualTo(One("--seed", "5")));
    }

    // The numbers of two of the lecture's documents.
    [TestCase("", "2", "2.1250,18.1931,90.9654")]
    [TestCase("0,0,5,0", "2", "0.0200,0.0000,0.0000")]
    [TestCase("0,5,0,0", "2", "5.0200,50.0000,250.0000")]
    [TestCase("1,1,1,1", "0", "1.3863,1.3863,1.3863")]
    public void The_loss_of_a_target_is_printed_for_each_scale(string logits, string target, string losses)
    {
        string[] own = logits.Length > 0 ? ["--logits", logits] : ["--seed", "2147483770"];
        string[] lines = Succeed(Call("logit-scale", ["--target", target, "--scales", "1,10,50", .. own])).OutputLines;
        string[] rows = [.. lines.Where(line => Regex.IsMatch(line, @"^ +(1|10|50) "))];
        Assert.That(rows.Select(row => Words(row)[5]), Is.EqualTo(losses.Split(',')));
    }

    [TestCase("fan-in", "--fan-in", "0", "must be 1 to 10000")]
    [TestCase("fan-in", "--bins", "0", "must be 1 to 10000")]
    [TestCase("saturation", "--recipe", "deep-linear", "use naive, small-logits, scaled-hidden, kaiming, batchnorm")]
    [TestCase("unscaled-init", "--recipe", "naive", "use kaiming, batchnorm, backprop, deep-linear, deep-tanh, deep-batchnorm")]
    public void A_value_that_an_experiment_cannot_use_is_refused_with_those_that_it_can(
        string name, string option, string value, string what) => Refuse(["explore", name, option, value], option, value, what);

    [Test]
    public void Every_experiment_that_takes_a_recipe_shows_each_that_suits_it()
    {
        using var started = ComputeDevice.Open("cpu");
        using ExperimentContext context = Open(started);
        using (Assert.EnterMultipleScope())
        {
            foreach (Exploration exploration in Exploration.All.Where(other => other.Options.Contains(ExplorationOptions.RecipeName)))
            {
                foreach (Recipe recipe in Recipe.All.Where(exploration.Suits))
                {
                    Page page = exploration.Run(context, new ExplorationSettings { Steps = 1, Recipe = recipe }).Page;
                    Assert.That(page.Title, Does.EndWith($"recipe {recipe.Name}"), exploration.Name);
                }
            }
        }
    }

    [TestCase("saturation")]
    [TestCase("hidden-scale")]
    [TestCase("fan-in")]
    [TestCase("gain")]
    public void Histograms_have_as_many_bins_as_were_asked_for(string name)
    {
        string json = Succeed(Call(name, "--json", "--bins", "17")).Json.GetRawText();
        MatchCollection counts = Regex.Matches(json, @"""counts"":\[([^\]]*)\]");
        Assert.That(counts, Is.Not.Empty);
        Assert.That(counts.Select(match => match.Groups[1].Value.Split(',').Length), Has.All.EqualTo(17));
    }

    [Test]
    public void The_text_promises_no_dead_unit_that_the_map_lacks()
    {
        string text = Succeed(Call("saturation")).Output;
        Assert.That(text, Does.Contain("dead units: 0 of 200").And.Contain("There is none here"));
    }

    // What the lecture's document shows of its own draws as 64.00, 38.42, 8.64 and 2.44 %.
    [Test]
    public void Of_the_lectures_names_a_full_bias_saturates_what_small_weights_do_not()
    {
        string[] lines = Succeed(OnLectureNames("hidden-scale", "--scales", "1,0.5,0.2,0.1")).OutputLines;
        string[] shares = [.. lines.Where(line => Regex.IsMatch(line, @"^ +[0-9.]+ +1 ")).Select(line => Words(line)[5])];
        Assert.That(shares, Is.EqualTo(new[] { "60.95%", "33.94%", "7.64%", "2.52%" }));
    }

    // PyTorch gives the same loss from the same seed.
    [Test]
    public void Of_the_lectures_names_the_network_without_the_root_of_the_fan_in_starts_at_its_loss()
    {
        string[] lines = Succeed(OnLectureNames("unscaled-init", "--recipe", "deep-tanh", "--steps", "1")).OutputLines;
        Assert.That(lines, Has.One.Match(@"^ +loss +3\.2962 +3\.7561 "));
    }

    // The numbers of the lecture's document, from its seed.
    [Test]
    public void Fan_in_gives_the_lectures_deviations()
    {
        string[] lines = Succeed(Call("fan-in", "--seed", "2147484646", "--scales", "1")).OutputLines;
        Assert.That(lines, Has.One.Match(@"^ +1 .* 1\.0006 .* 0\.9763 .* 3\.0949 ").And.One.Match(@"^ +1/sqrt\(10\) .* 0\.9787 "));
    }

    [TestCase("--logits has one number", "--logits", "1")]
    [TestCase("--uniform is for logits that are drawn", "--uniform", "--logits", "1,2")]
    [TestCase("--logits is '0,NaN'", "--logits", "0,NaN")]
    [TestCase("--logits is '1,x'", "--logits", "1,x")]
    [TestCase("--target is 4 and must be 0 to 3", "--target", "4")]
    [TestCase("--target is 2 and must be 0 to 1", "--target", "2", "--logits", "1,2")]
    [TestCase("--target is -1", "--target", "-1")]
    [TestCase("--scales has 1 more than once", "--scales", "1,1")]
    [TestCase("--scales has 10000000", "--scales", "1,1e7")]
    public void Logits_targets_and_scales_that_cannot_be_are_refused(string what, params string[] options) =>
        Refuse(["explore", "logit-scale", .. options], what);

    [Test]
    public void Steps_and_strategy_are_taken()
    {
        JsonElement[] results =
        [
            .. new[] { "fused", "layered" }.Select(strategy =>
                Succeed(Call("overfit-one-batch", "--json", "--steps", "5", "--strategy", strategy)).Json.GetProperty("losses")),
        ];
        double[][] losses = [.. results.Select(result => result.EnumerateArray().Select(loss => loss.GetDouble()).ToArray())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses[0], Has.Length.EqualTo(5));
            Assert.That(losses[1], Is.EqualTo(losses[0]).Within(1e-5));
        }
    }

    [Test]
    public void Without_a_folder_the_next_free_one_is_taken()
    {
        Succeed(Call("fan-in"));
        Succeed(Call("FAN-IN"));
        Assert.That(
            Directory.GetDirectories("runs").Select(Path.GetFileName), Is.EquivalentTo(new[] { "explore-fan-in-1", "explore-fan-in-2" }));
    }

    [Test]
    public void A_folder_that_exists_is_written_to_only_with_force()
    {
        Succeed(Call("fan-in", "--run", Run1));
        Refuse(Call("logit-scale", "--run", Run1), Run1, "exists", "--force");
        Succeed(Call("logit-scale", "--run", Run1, "--force"));
        Assert.That(
            Drawn(Run1), Is.EqualTo(new[] { "loss-by-scale.png", "loss-by-scale.svg" }), "the pictures of the other experiment are gone");
    }

    [TestCase("file")]
    [TestCase("")]
    public void A_folder_that_cannot_be_is_refused(string folder)
    {
        Write("file", "not a folder");
        Refuse(Call("fan-in", "--run", folder), $"'{folder}'", "--run");
    }

    [TestCase("unknown experiment 'fun-in'", "explore", "fun-in")]
    [TestCase("unknown experiment ''", "explore", "")]
    [TestCase("no experiment was given", "explore")]
    public void What_is_no_experiment_is_refused_with_those_that_there_are(string what, params string[] call) =>
        Refuse(call, [what, .. Exploration.All.Select(exploration => exploration.Name)]);

    [TestCase("--steps", "0")]
    [TestCase("--steps", "-1")]
    [TestCase("--strategy", "quick")]
    [TestCase("--accelerator", "abacus")]
    [TestCase("--data", "nowhere.txt")]
    public void A_setting_that_cannot_be_is_refused(string option, string value) =>
        Refuse(["explore", "gain", option, value], value);

    [Test]
    public void An_experiment_refuses_each_option_that_it_does_not_take()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (Exploration exploration in Exploration.All)
            {
                foreach (Option option in ExplorationOptions.All.Except(exploration.Options))
                {
                    string[] value = option.ValueType == typeof(bool) ? [] : ["1"];
                    Refuse(
                        ["explore", exploration.Name, option.Name, .. value], $"{exploration.Name} takes no {option.Name}", "leave it out");
                }
            }
        }
    }

    [TestCase("gain")]
    [TestCase("fan-in")]
    [TestCase("overfit-one-batch")]
    public void What_is_stopped_writes_nothing(string name)
    {
        using var output = new StringWriter();
        Outcome outcome = Run(output, new CancellationToken(canceled: true), Call(name, "--run", Run1));
        outcome.AssertFailed(Interrupted);
        Assert.That(Directory.Exists(Run1), Is.False);
    }

    [Test]
    public void Help_lists_every_experiment()
    {
        // Its lines break between words.
        string page = string.Join(' ', Succeed("explore", "--help").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (Exploration exploration in Exploration.All)
        {
            Assert.That(page, Does.Contain($"- {exploration.Name}: {exploration.Summary}"));
        }
        Assert.That(page, Does.Match(@"- logit-scale: [^\[]*\[--logits, --uniform, --target, --scales\]"));
    }

    static ExperimentContext Open(ComputeDevice started) => new(
        started.Kernels, Dataset.Create(NamesFile.Read(SmallNames.Write()), Recipe.Default.Context), _ => Strategy.Layered,
        Seeds.LectureSeed);

    // A few steps on a small list of names.
    static string[] Call(string name, params string[] options)
    {
        bool trains = Exploration.All.Any(
            exploration => exploration.Name == name && exploration.Options.Contains(ExplorationOptions.Steps));
        string[] steps = trains && !options.Contains("--steps") ? ["--steps", "12"] : [];
        return ["explore", name, "--data", SmallNames.Write(), "--accelerator", "cpu", .. steps, .. options];
    }

    static string[] OnLectureNames(string name, params string[] options) =>
        ["explore", name, "--data", SmallNames.LecturePath(), "--accelerator", "cpu", .. options];

    static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static string[] Drawn(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "plots")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    static void AssertWhole(Page page, int width)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        ConsolePage.Write(console, page);
        IEnumerable<string> cells = page.Sections.SelectMany(section => section.Grid?.Rows ?? []).SelectMany(row => row);
        foreach (string cell in cells.Where(cell => cell.Contains('.', StringComparison.Ordinal)))
        {
            Assert.That(text.ToString(), Does.Contain(cell.Split(' ')[0]), $"{page.Title}, {width} columns");
        }
    }
}
