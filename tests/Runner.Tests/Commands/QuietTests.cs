using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>--quiet leaves the result.</summary>
sealed class QuietTests : CommandTests
{
    [Test]
    public void Train_tells_the_model_the_losses_and_the_names()
    {
        Outcome outcome = Train("--quiet", "--run", "run");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines[..2].Select(line => line.Split(' ')[0]), Is.EqualTo(["model", "losses"]));
            Assert.That(outcome.Output, Does.Not.Contain("step ").And.Not.Contain("accelerator").And.Not.Contain("look inside"));
        }
    }

    [TestCase("recipes", "--steps", "1")]
    [TestCase("explore", "fan-in")]
    public void Tables_begin_with_their_title(params string[] call)
    {
        Outcome outcome = Succeed([.. call, "--data", SmallNames.Write(), "--accelerator", "cpu", "--quiet"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines[0], Is.Not.Empty.And.Not.StartsWith("names"));
        }
    }

    [Test]
    public void Notes_are_left_out_and_errors_are_not()
    {
        Train("--run", Path.Combine("runs", "first"));
        Assert.That(Succeed("sample", "--quiet").Error, Is.Empty);
        Refuse(["sample", "--quiet", "--count", "0"], "--count");
    }

    [Test]
    public void Beside_json_nothing_is_written()
    {
        Outcome outcome = Train("--quiet", "--json");
        Assert.That(outcome.Error, Is.Empty);
        Assert.That(outcome.Json.TryGetProperty("losses", out _), Is.True);
    }
}
