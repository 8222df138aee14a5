using System.Text.Json;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Explore;
using Makemore.Gpu.Runner.Options;
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
            "uniform-loss", [@"recipe +expected +first loss", @"naive +\d\.\d{4} +\d+\.\d{4} +\+\d+\.\d{4}", @"deep-batchnorm +\d\.\d{4}"],
            ["first-losses"], ["characters", "steps", "runs", "uniform"]);
        yield return Case(
            "logit-scale",
            [@"logits times +p0 +p1 +p2 +p3", @"0 +0\.2500 +0\.2500 +0\.2500 +0\.2500 +1\.3863", @"^  50 ", "^the logits: [+-]"],
            ["loss-by-scale"], ["logits", "rows"]);
        yield return Case(
            "saturation",
            [
                @"before tanh +[+-]\d\.\d\d +\d\.\d\d", @"after tanh +[+-]\d\.\d\d +\d\.\d\d +\d+\.\d\d% +\d+\.\d\d%",
                @"^dead units: \d+ of 200$",
            ],
            ["after-tanh", "before-tanh", "saturation-map"], ["recipe", "hidden"]);
        yield return Case(
            "hidden-scale",
            [@"1\.00 +\d\.\d\d +0\.\d\d +\d+\.\d\d%", @"0\.30 \(Kaiming\)", @"0\.10 +\d\.\d\d .* \d+ of 200"],
            ["after-tanh", "before-tanh"], ["rows"]);
        yield return Case(
            "fan-in", [@"1 +1\.\d{4} +0\.\d{4} +3\.\d{4} +3\.1623", @"1/sqrt\(10\) .* 1\.0000"],
            ["product-1", "product-2", "product-3", "product-4"], ["input", "rows"]);
        yield return Case(
            "gain",
            [
                "^With tanh$", "^Without tanh$", "^With tanh and BatchNorm$",
                @"0\.50 +0\.\d\d +0\.0\d +\d\.\d{6}e-05", @"3\.00 .* diverged at step \d",
            ],
            [
                .. from recipe in new[] { "deep-batchnorm", "deep-linear", "deep-tanh" }
                   from gain in new[] { "0.50", "1.00", "1.67", "3.00" }
                   select $"{recipe}-gain-{gain}",
            ],
            ["steps", "networks"]);
        yield return Case(
            "bias-before-batchnorm",
            [@"b1 +\(200\) +\d\.\d{6}e-(08|09|10)", @"bnbias +\(200\) +\d\.\d{6}e-0[12]"],
            ["bias-gradients"], ["loss", "gradients"]);
        yield return Case(
            "calibration",
            [
                @"12 +\d\.\d{4} +\d\.\d{4} +\d\.\d{4} +\d\.\d{4}", @"^  calibrated  \d\.\d{4}",
                @"12, dev +\d\.\d{4} +\d\.\d{4} +[+-]\d\.\d{4}",
            ],
            ["deviations-1", "deviations-12", "means-1", "means-12"], ["runs"]);
        yield return Case(
            "learning-rate", [@"matrix +rate 1 +rate 0\.1 +rate 0\.001", @"layers\.10\.weight +[+-]\d\.\d\d +[+-]\d\.\d\d +[+-]\d\.\d\d"],
            ["updates-0.001", "updates-0.1", "updates-1"], ["steps", "rates"]);
        yield return Case(
            "unscaled-init", [@"layer 14 \(Tanh\) +0\.\d\d +0\.\d\d", @"layers\.15\.weight +-\d\.\d\d +-\d\.\d\d +-\d\.\d\d +-\d\.\d\d"],
            ["updates-scaled", "updates-unscaled"], ["steps", "scaled", "unscaled"]);
        yield return Case(
            "normalization",
            [@"normalization, batch +in batches +each alone", @"batch, 2 +\d\.\d{4} +\d+\.\d{4} +[+-]", @"layer, 256 +\d\.\d{4} +\d"],
            ["loss-by-batch"], ["steps", "runs"]);
        yield return Case(
            "gradient-of-loss",
            [
                @"\. +(\(right\) +)?0\.\d{4} +[+-]\d\.\d{4}", @"\S \(right\) +0\.\d{4} +-0\.\d{4}",
                "^sum of the row: ", "^largest .sum of a row.: ",
            ],
            ["gradient-of-logits"], ["targets", "probabilities", "gradient", "characters", "largest_row_sum", "largest_difference"]);
        yield return Case(
            "overfit-one-batch", [@"0 +\d\.\d{4} +\d\.\d{4}", @"11 +\d\.\d{4} +\d\.\d{4}", @"\.\.\. +[a-z]{2,} +\d+\.\d{4}"],
            ["overfit"], ["losses", "bound", "ambiguous"]);

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

    [TestCase(40)]
    [TestCase(80)]
    public void In_a_narrow_terminal_every_number_is_whole(int width)
    {
        using var started = new StartedAccelerator("cpu");
        var data = Dataset.Create(NamesFile.Read(SmallNames.Write()), Recipe.Default.Context);
        using var context = new ExperimentContext(started.Kernels, data, _ => Strategy.Layered, Seeds.LectureSeed);
        foreach (Page page in Exploration.All.Select(exploration => exploration.Run(context, exploration.Steps is null ? 0 : 3).Page))
        {
            using var text = new StringWriter();
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
            console.Profile.Width = width;
            ConsolePage.Write(console, page);
            IEnumerable<string> cells = page.Sections.SelectMany(section => section.Grid?.Rows ?? []).SelectMany(row => row);
            foreach (string cell in cells.Where(cell => cell.Contains('.', StringComparison.Ordinal)))
            {
                Assert.That(text.ToString(), Does.Contain(cell.Split(' ')[0]), page.Title);
            }
        }
    }

    [Test]
    public void The_seed_says_which_numbers_are_drawn()
    {
        string One(params string[] options) => Succeed(Call("logit-scale", ["--json", .. options])).Json.GetRawText();
        Assert.That(One("--seed", "2147483647"), Is.EqualTo(One()).And.Not.EqualTo(One("--seed", "5")));
    }

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
    public void An_experiment_that_trains_nothing_takes_no_steps() => Refuse(Call("fan-in", "--steps", "10"), "fan-in", "--steps");

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
        Outcome outcome = Succeed("explore", "--help");
        foreach (Exploration exploration in Exploration.All)
        {
            Assert.That(outcome.Output, Does.Contain($"- {exploration.Name}: {exploration.Summary}"));
        }
    }

    // A few steps on a small list of names.
    static string[] Call(string name, params string[] options)
    {
        bool trains = Exploration.All.Any(exploration => exploration.Name == name && exploration.Steps is not null);
        string[] steps = trains && !options.Contains("--steps") ? ["--steps", "12"] : [];
        return ["explore", name, "--data", SmallNames.Write(), "--accelerator", "cpu", .. steps, .. options];
    }

    static string[] Drawn(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "plots")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
