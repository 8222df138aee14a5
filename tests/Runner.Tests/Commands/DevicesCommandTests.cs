using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class DevicesCommandTests : CommandTests
{
    protected override bool AsksOtherAccelerators => true;

    [Test]
    public void The_cpu_is_listed_and_what_auto_takes_is_marked()
    {
        Outcome outcome = Succeed("devices");
        string chosen = Chosen().GetProperty("name").GetString()!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines, Has.Some.StartsWith("  cpu:0"));
            Assert.That(outcome.OutputLines, Has.Exactly(1).StartsWith($"  {chosen} (auto)"));
            Assert.That(outcome.OutputLines, Has.Exactly(1).Contains("(auto)"));
            Assert.That(outcome.OutputLines, Has.One.Match($"^auto takes {chosen}: .+"));
        }
    }

    [Test]
    public void What_auto_takes_is_what_training_takes() =>
        Assert.That(
            Train("--accelerator", "auto", "--json").Json.GetProperty("accelerator").GetString(),
            Is.EqualTo(Chosen().GetProperty("name").GetString()));

    [Test]
    public void Json_holds_each_device_with_its_limits()
    {
        JsonElement[] devices = Devices();
        string[] keys =
        [
            "name", "kind", "description", "chosen", "memory_bytes", "multiprocessors", "max_threads_per_group", "warp_size",
            "max_shared_memory_per_group_bytes",
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(devices.Select(device => device.GetProperty("name").GetString()), Is.Unique.And.Contains("cpu:0"));
            Assert.That(devices.Count(device => device.GetProperty("chosen").GetBoolean()), Is.EqualTo(1));
            foreach (JsonElement device in devices)
            {
                Assert.That(device.EnumerateObject().Select(property => property.Name), Is.EqualTo(keys));
                Assert.That(device.GetProperty("name").GetString(), Does.StartWith(device.GetProperty("kind").GetString() + ":"));
                Assert.That(device.GetProperty("max_threads_per_group").GetInt32(), Is.Positive);
            }
        }
    }

    [TestCase("cuda")]
    [TestCase("opencl")]
    public void A_kind_is_there_or_was_passed_over_with_a_reason(string kind)
    {
        JsonElement json = Succeed("devices", "--json").Json;
        bool isThere = json.GetProperty("devices").EnumerateArray().Any(device => device.GetProperty("kind").GetString() == kind);
        string[] reasons =
        [
            .. json.GetProperty("passed_over").EnumerateArray()
                .Where(device => device.GetProperty("description").GetString()!.StartsWith(kind, StringComparison.OrdinalIgnoreCase))
                .Select(device => device.GetProperty("reason").GetString()!),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(isThere || reasons.Length > 0, kind);
            Assert.That(reasons, Has.All.Not.Empty);
        }
    }

    [Test]
    public void The_text_names_each_device_that_was_passed_over()
    {
        IEnumerable<string> expected = Succeed("devices", "--json").Json.GetProperty("passed_over").EnumerateArray()
            .Select(device => $"passed over: {device.GetProperty("description").GetString()}: {device.GetProperty("reason").GetString()}");
        Assert.That(
            Succeed("devices").OutputLines.Where(line => line.StartsWith("passed over", StringComparison.Ordinal)), Is.EqualTo(expected));
    }

    [Test]
    public void The_processor_is_told_and_what_threads_training_may_have()
    {
        JsonElement processor = Succeed("devices", "--json").Json.GetProperty("processor");
        int most = processor.GetProperty("max_threads").GetInt32();
        string[] lines = Succeed("devices").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(processor.GetProperty("name").GetString(), Is.Not.Empty);
            Assert.That(processor.GetProperty("threads").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
            Assert.That(lines, Has.One.StartsWith("processor ").And.Contains(processor.GetProperty("name").GetString()!));
            Assert.That(lines, Has.One.StartsWith("vectors ").And.Contains(processor.GetProperty("vectors").GetString()!));
            Assert.That(lines, Has.One.StartsWith("--threads ").And.Contains($" 1 to {most} "));
        }
        Train("--threads", $"{most}");
        Run(Training("--threads", $"{most + 1}")).AssertFailed(WrongCall, "--threads", $"1 to {most}");
    }

    static JsonElement[] Devices() => [.. Succeed("devices", "--json").Json.GetProperty("devices").EnumerateArray()];

    static JsonElement Chosen() => Devices().Single(device => device.GetProperty("chosen").GetBoolean());
}
