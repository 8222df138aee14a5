using System.CommandLine;
using Makemore.Gpu.Runner.Commands;
using Makemore.Gpu.Runner.Help;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class HelpTests : CommandTests
{
    static readonly string[] Commands =
    [
        "devices", "recipes", "train", "evaluate", "sample", "score", "inspect", "runs", "compare", "explore", "check", "bench", "data",
        "help", "completion",
    ];

    [TestCase("devices")]
    [TestCase(
        "train", "--data", "--recipe", "--accelerator", "--steps", "--seed", "--run", "--force", "--log-every", "--batch", "--context",
        "--embedding", "--hidden", "--learning-rate", "--final-rate", "--drop-at", "--gain", "--hidden-scale", "--hidden-bias",
        "--output-gain", "--output-scale", "--output-bias", "--l2", "--batch-seed", "--bn-variance", "--bn-epsilon", "--bn-epsilon-on",
        "--bn-momentum", "--watch-every", "--print-every",
        "--strategy", "--threads", "--precision")]
    [TestCase("recipes", "--data", "--accelerator", "--strategy", "--threads", "--precision", "--steps", "--seed")]
    [TestCase("evaluate", "--model", "--data", "--accelerator", "--statistics")]
    [TestCase(
        "sample", "--model", "--count", "--seed", "--temperature", "--top-k", "--top-p", "--prompt", "--new-only", "--unique",
        "--min-length", "--max-length", "--contains", "--unfiltered", "--accelerator")]
    [TestCase("score", "--model", "--accelerator")]
    [TestCase("check", "--accelerator", "--against", "--data", "--seed", "--batch", "--hidden", "--show", "--run", "--force")]
    [TestCase(
        "explore", "--data", "--accelerator", "--strategy", "--threads", "--precision", "--steps", "--recipe", "--scales", "--logits",
        "--uniform", "--target", "--fan-in", "--bins", "--seed", "--run", "--force")]
    [TestCase("bench", "--accelerator", "--quick", "--seconds", "--run", "--force")]
    [TestCase("data", "--from", "--describe", "--data", "--name", "--context")]
    public void Each_command_tells_its_options(string command, params string[] options)
    {
        Outcome outcome = Succeed(command, "--help");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.Output, Does.Match($@" {command}( \[[A-Z]+(\.\.\.)?\])? \[options\]"));
            foreach (string option in options.Concat(["--json", "--verbose", "--help"]))
            {
                // The option, and beside it or below it what it is for.
                Assert.That(outcome.OutputLines, Has.One.Match($@"^  (\S+, )*{option}( \S+)?($| {{2,}}\S)"), option);
            }
        }
    }

    [TestCase("--help")]
    [TestCase("-h")]
    public void The_program_tells_its_commands(string help)
    {
        Outcome outcome = Succeed(help);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            foreach (string command in Commands)
            {
                Assert.That(outcome.OutputLines, Has.One.Match($@"^ +{command}( \[?[A-Z.]+\]?)? {{2,}}\S"), command);
            }
        }
    }

    [Test]
    public void Help_for_train_tells_of_each_recipe_in_a_line_of_its_own()
    {
        string[] lines = Succeed("train", "--help").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            foreach (string recipe in Recipes)
            {
                Assert.That(lines, Has.One.Match($@"^ +- {recipe}: \S"), recipe);
            }
        }
    }

    [Test]
    public void Options_stand_under_headings_in_lines_of_80_characters()
    {
        string[] lines = Succeed("train", "--help").OutputLines;
        string[] headings = [.. lines.Where(line => line.EndsWith(':') && !line.StartsWith(' '))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(headings, Is.EqualTo(
            [
                "Usage:", "Arguments:", "The names:", "The network:", "The training:", "The run:", "The machine:", "Every command:",
                "Examples:",
            ]));
            foreach (Command command in AllCommands())
            {
                Assert.That(HelpPage.Of(command), Has.All.Length.LessThanOrEqualTo(80), command.Name);
                Assert.That(
                    OptionGroups.Of(command).SelectMany(group => group.Options),
                    Is.EquivalentTo(OptionGroups.OptionsOf(command)),
                    command.Name);
            }
        }
    }

    [TestCase("help")]
    [TestCase("help", "train")]
    [TestCase("help", "sweep", "merge")]
    public void The_command_help_gives_the_same_page(params string[] call) =>
        Assert.That(Succeed(call).Output, Is.EqualTo(Succeed([.. call[1..], "--help"]).Output));

    [Test]
    public void Help_for_an_unknown_command_is_refused() => Refuse(["help", "trian"], "'trian'", "'train'", "evaluate");

    [Test]
    public void Every_setting_of_a_network_and_its_training_has_a_heading() => Assert.That(
        NetworkOptions.OfNetwork.Concat(NetworkOptions.OfTraining), Is.EquivalentTo(NetworkOptions.All));

    [Test]
    public void Examples_are_calls_that_can_be_made()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (Example example in Examples.All)
            {
                Assert.That(WrongCalls.Fault(CommandLine.Root.Parse(example.Arguments)), Is.Null, example.Purpose);
            }
        }
    }

    static IEnumerable<Command> AllCommands()
    {
        static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);
        return Below(CommandLine.Root);
    }

    [Test]
    public void Help_is_given_also_where_the_rest_of_the_call_is_wrong() => Succeed("sample", "--count", "few", "--help");

    [Test]
    public void The_version_is_a_line() => Assert.That(Succeed("--version").OutputLines, Has.One.Match(@"^\d+\.\d+\.\d+"));
}
