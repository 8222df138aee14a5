using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>Training that is looked at while it goes on.</summary>
sealed class WatchTests : CommandTests
{
    const string Run1 = "run-1";

    [TestCase("batchnorm", "2", "C W1 W2")]
    [TestCase("naive", "1", "C W1 W2")]
    [TestCase("deep-linear", "", "C W1 W2")]
    public void Every_look_is_written_down(string recipe, string layers, string weights)
    {
        Train("--recipe", recipe, "--steps", "300", "--watch", "--run", Run1);
        JsonElement[] looks = Looks(Run1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(looks.Select(look => look.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(0, 100).Select(i => 3 * i)));
            Assert.That(looks.Select(look => Names(look, "saturated")), Has.All.EqualTo(layers));
            Assert.That(looks.Select(look => Names(look, "update_to_data")), Has.All.EqualTo(weights));
            Assert.That(Values(looks, "saturated"), Has.All.InRange(0, 1));
            Assert.That(Values(looks, "update_to_data"), Has.All.InRange(1e-7, 1));
        }
    }

    // The update is the gradient by the rate.
    [Test]
    public void A_tenth_of_the_rate_is_a_tenth_of_the_update()
    {
        Train("--steps", "1", "--watch", "--run", "one");
        Train("--steps", "1", "--watch", "--run", "tenth", "--learning-rate", "0.01");
        double[] whole = [.. Values(Looks("one"), "update_to_data")];
        double[] tenth = [.. Values(Looks("tenth"), "update_to_data")];
        Assert.That(tenth.Zip(whole, (t, w) => t / w), Has.All.EqualTo(0.1).Within(1e-6));
    }

    [Test]
    public void Looking_changes_nothing()
    {
        Train("--steps", "200", "--run", "one");
        Train("--steps", "200", "--watch", "--run", "two");
        Assert.That(File.ReadAllBytes("two/metrics.jsonl"), Is.EqualTo(File.ReadAllBytes("one/metrics.jsonl")));
        TensorFile.AssertSameTensors("two/model.safetensors", "one/model.safetensors");
    }

    [Test]
    public void Lines_tell_of_saturation_and_updates()
    {
        Outcome outcome = Train("--steps", "100", "--drop-at", "50", "--watch");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                outcome.OutputLines,
                Has.Some.Match(@"^  before step 99: saturated, \|t\| > 0\.97: layer 2 \d+\.\d\d%   "
                    + @"log10 update:data: C -\d\.\d\d, W1 -\d\.\d\d, W2 -\d\.\d\d$"));
            Assert.That(
                outcome.OutputLines,
                Has.Some.Match(
                    @"^step 99 of 100   loss \d\.\d{4} \(mean of 100 steps\)   dev \d\.\d{4}   rate 0\.01   .* steps/s   .* left$"));
        }
    }

    [Test]
    public void A_run_that_is_not_watched_leaves_nothing_of_an_earlier_one_that_was()
    {
        Train("--watch", "--run", Run1);
        Train("--run", Run1, "--force");
        Assert.That(Path.Combine(Run1, "diagnostics.jsonl"), Does.Not.Exist);
    }

    static JsonElement[] Looks(string run) =>
        [.. File.ReadLines(Path.Combine(run, "diagnostics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    static string Names(JsonElement look, string property) =>
        string.Join(' ', look.GetProperty(property).EnumerateObject().Select(value => value.Name));

    static IEnumerable<double> Values(IEnumerable<JsonElement> looks, string property) =>
        looks.SelectMany(look => look.GetProperty(property).EnumerateObject()).Select(value => value.Value.GetDouble());
}
