using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>Calls that cannot be understood.</summary>
sealed class WrongCallTests : CommandTests
{
    [Test]
    public void Without_a_command_the_commands_are_told() =>
        Refuse([], "no command", "devices", "train", "evaluate", "sample", "check", "data");

    [TestCase("--json")]
    [TestCase("--verbose")]
    public void An_option_alone_is_no_command(string option) => Refuse([option], "no command");

    [TestCase("trian")]
    [TestCase("Train")]
    [TestCase("--frobnicate")]
    [TestCase("-x")]
    [TestCase("")]
    public void An_unknown_command_is_refused(string word) => Refuse([word], $"'{word}'", "makemore --help");

    [TestCase("devices")]
    [TestCase("train")]
    [TestCase("check")]
    [TestCase("bench")]
    [TestCase("data")]
    public void An_unknown_option_or_word_is_refused(string command)
    {
        Refuse([command, "--frobnicate"], "'--frobnicate'", $"makemore {command} --help");
        Refuse([command, "--frobnicate", "7"], "'--frobnicate'");
        Refuse([command, "extra"], "'extra'");
    }

    [TestCase("train", "--data")]
    [TestCase("train", "--recipe")]
    [TestCase("train", "--accelerator")]
    [TestCase("train", "--steps")]
    [TestCase("train", "--seed")]
    [TestCase("train", "--run")]
    [TestCase("train", "--log-every")]
    [TestCase("train", "--hidden")]
    [TestCase("train", "--learning-rate")]
    [TestCase("evaluate", "--model")]
    [TestCase("sample", "--model")]
    [TestCase("check", "--against")]
    [TestCase("bench", "--seconds")]
    [TestCase("data", "--from")]
    [TestCase("data", "--name")]
    public void A_missing_value_is_refused(string command, string option) =>
        Refuse([command, option], option, $"makemore {command} --help");

    [TestCase("evaluate", "--statistics")]
    [TestCase("sample", "--prompt")]
    public void A_missing_value_beside_a_model_is_refused(string command, string option) =>
        Refuse([command, "--model", TrainedModel.Write(), option], option, $"makemore {command} --help");

    [Test]
    public void A_value_given_twice_is_refused() => Refuse(Training("--seed", "1", "--seed", "2"), "--seed");

    [TestCase("evaluate")]
    [TestCase("sample")]
    public void A_missing_model_is_refused(string command) => Refuse([command], "no run in 'runs'", "makemore train");

    [Test]
    public void A_prompt_may_begin_with_any_character() =>
        Refuse(["sample", "--model", TrainedModel.Write(), "--prompt", "@anna"], "'@'", "vocabulary");

    [Test]
    public void Verbose_adds_the_stack_trace()
    {
        Outcome outcome = Run("train", "--data", "nowhere.txt", "--verbose");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(WrongCall));
            Assert.That(outcome.ErrorLines[0], Does.StartWith("makemore: ").And.Contain("nowhere.txt"));
            Assert.That(outcome.ErrorLines[1..], Has.Some.StartsWith("   at "));
            Assert.That(outcome.Output, Is.Empty);
        }
    }

    [Test]
    public void Options_of_the_program_may_stand_before_the_command() =>
        Assert.That(Succeed("--json", "devices").Json.TryGetProperty("devices", out _), Is.True);
}
