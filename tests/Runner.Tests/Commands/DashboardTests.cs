using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>The commands that serve a page.</summary>
sealed partial class DashboardTests : CommandTests
{
    [Test]
    public void A_run_that_is_shown_has_the_bits_of_one_that_is_not()
    {
        Train("--run", "plain", "--steps", "60", "--seed", "3");
        string[] lines = Train("--run", "shown", "--steps", "60", "--seed", "3", "--dashboard").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.One.Match(@"^dashboard +http://127\.0\.0\.1:\d+/[0-9a-f]{32}/$"));
            foreach (string file in new[] { "metrics.jsonl", "model.safetensors" })
            {
                byte[] plain = File.ReadAllBytes(Path.Combine("plain", file));
                Assert.That(File.ReadAllBytes(Path.Combine("shown", file)), Is.EqualTo(plain), file);
            }
            Assert.That(Path.Combine("shown", "diagnostics.jsonl"), Does.Exist);
        }
    }

    [Test]
    public void A_run_is_seen_while_it_trains_and_its_end_is_told()
    {
        Task<string>? events = null;
        using var client = new HttpClient();
        using var output = new LinesThatAct((line, address) =>
        {
            if (line.StartsWith("dashboard", StringComparison.Ordinal))
            {
                events = Task.Run(() => client.GetStringAsync(new Uri(address + "events")));
            }
        });
        Outcome outcome = Run(output, CancellationToken.None, Training("--dashboard"));
        JsonElement last = LastEvent(events!.Result);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(Done), outcome.Error);
            Assert.That(
                last.GetProperty("status").GetString(),
                Does.StartWith("over: all 10 steps are done; to see this page again: makemore inspect --run"));
            Assert.That(last.GetProperty("words").GetArrayLength(), Is.GreaterThan(0));
            Assert.That(
                last.GetProperty("facts").EnumerateArray().Select(fact => fact.GetProperty("name").GetString()),
                Is.SupersetOf(new[] { "steps", "train loss", "dev loss", "test loss" }));
        }
    }

    [Test]
    public void A_finished_run_is_served_until_it_is_interrupted()
    {
        Train("--run", "run1", "--watch");
        (string page, string events) = ("", "");
        using var stop = new CancellationTokenSource();
        using var client = new HttpClient();
        using var output = new LinesThatAct((line, address) =>
        {
            if (line.StartsWith("served", StringComparison.Ordinal))
            {
                page = client.GetStringAsync(new Uri(address)).Result;
                events = client.GetStringAsync(new Uri(address + "events")).Result;
                stop.Cancel();
            }
        });
        Outcome outcome = Run(output, stop.Token, "inspect", "--run", "run1", "--accelerator", "cpu", "--serve");
        Assert.That(outcome.ExitCode, Is.EqualTo(Done), outcome.Error);
        JsonElement last = LastEvent(events);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page, Does.StartWith("<!doctype html>"));
            Assert.That(last.GetProperty("status").GetString(), Is.EqualTo("over: all 10 steps are done"));
            Assert.That(last.GetProperty("charts").GetProperty("update-to-data").GetProperty("series").GetArrayLength(), Is.EqualTo(3));
            Assert.That(Path.Combine("run1", "report.html"), Does.Not.Exist);
        }
    }

    [Test]
    public void Bad_calls_are_refused_before_anything_is_written()
    {
        SmallNames.Write();
        Refuse(Training("--dashboard", "0"), "--dashboard is 0");
        Refuse(Training("--dashboard", "70000"), "--dashboard is 70000", "65535");
        Refuse(Training("--dashboard", "x"), "--dashboard is 'x'");
        Refuse(Training("--dashboard", "--dry-run"), "--dashboard", "--dry-run");
        Refuse(["inspect", "--serve", "--accelerator", "cpu"], "--serve", "--run");
    }

    [Test]
    public void A_port_that_is_taken_is_told_before_the_training()
    {
        SmallNames.Write();
        using var other = Runner.Live.Dashboard.Start(port: null);
        int port = new Uri(other.Address).Port;
        Refuse(Training("--dashboard", $"{port}"), $"port {port} cannot be served");
    }

    static JsonElement LastEvent(string events) => JsonDocument.Parse(
        events.Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]).RootElement;

    // Tells each line that the program writes, with the address that it has written.
    sealed partial class LinesThatAct(Action<string, string> act) : StringWriter(CultureInfo.InvariantCulture)
    {
        string address = "";

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            address = AddressLine().Match(value!) is { Success: true } found ? found.Groups[1].Value : address;
            act(value!, address);
        }

        [GeneratedRegex(@"^dashboard +(http\S+)$")]
        private static partial Regex AddressLine();
    }
}
