using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>What a call asks of a sweep, kept as texts.</summary>
sealed class SweepRequestTests
{
    static readonly string[] Call =
    [
        "--hidden", "10,10", "--vary", "learning-rate=log:0.01..1", "--l2", "layers.0.weight=0.1", "--vary", "activation=tanh,relu",
        "--random", "6", "--seeds", "2", "--seed", "18446744073709551614",
    ];

    [Test]
    public void A_request_holds_what_was_given()
    {
        SweepRequest request = SweepRequest.Of(SweepCall.Parse(Call));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(request.Fixed, Is.EqualTo(
            [
                new Setting("seed", "18446744073709551614"), new Setting("hidden", "10,10"), new Setting("l2", "layers.0.weight=0.1"),
            ]));
            Assert.That(request.Vary, Is.EqualTo(["learning-rate=log:0.01..1", "activation=tanh,relu"]));
            Assert.That((request.Seeds, request.Random), Is.EqualTo((2, 6)));
        }
    }

    [TestCase]
    [TestCase("--vary", "gain=1,2")]
    [TestCase("--seeds", "3", "--seed", "5")]
    public void What_was_not_given_stays_open(params string[] args)
    {
        SweepRequest request = SweepRequest.FromJson(SweepRequest.Of(SweepCall.Parse(args)).ToJson());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(request.Random, Is.Null);
            Assert.That(request.Seeds, Is.EqualTo(args.Contains("--seeds") ? 3 : null));
            Assert.That(request.Vary, Has.Count.EqualTo(args.Contains("--vary") ? 1 : 0));
            Assert.That(request.Fixed, Has.Count.EqualTo(args.Contains("--seed") ? 1 : 0));
        }
    }

    [Test]
    public void Networks_are_the_same_from_json()
    {
        SweepRequest request = SweepRequest.Of(SweepCall.Parse(Call));
        SweepGrid read = SweepGrid.Create(SweepRequest.FromJson(request.ToJson()));
        SweepGrid made = SweepCall.Grid(Call);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Names, Is.EqualTo(made.Names));
            Assert.That(read.Count, Is.EqualTo(made.Count).And.EqualTo(12));
            Assert.That(Configurations(read), Is.EqualTo(Configurations(made)));
        }
    }

    [Test]
    public void Names_in_json_are_in_snake_case()
    {
        JsonElement json = JsonDocument.Parse(SweepRequest.Of(SweepCall.Parse(Call)).ToJson()).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.EnumerateObject().Select(property => property.Name), Is.EqualTo(["fixed", "vary", "seeds", "random"]));
            Assert.That(json.GetProperty("fixed")[0].GetProperty("name").GetString(), Is.EqualTo("seed"));
        }
    }

    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("""{"fixed":null,"vary":[],"seeds":1,"random":null}""")]
    [TestCase("""{"fixed":[],"vary":"gain=1","seeds":1,"random":null}""")]
    public void Json_of_something_else_is_no_request(string json) =>
        Assert.That(() => SweepRequest.FromJson(json), Throws.InstanceOf<JsonException>());

    [TestCase("gain", "wide", "--gain is 'wide'")]
    [TestCase("seed", "-1", "--seed is '-1'")]
    [TestCase("wat", "1", "--wat")]
    public void A_stored_setting_that_cannot_be_is_refused(string name, string value, string mention) =>
        Assert.That(
            () => SweepGrid.Create(new SweepRequest([new Setting(name, value)], ["batch=8,16"], null, null)),
            Throws.TypeOf<InvalidRequestException>().With.Message.Contains(mention));

    static IEnumerable<string> Configurations(SweepGrid grid) =>
        Enumerable.Range(0, Math.Min(grid.Count, 11)).Select(number => grid[number]).Select(settings => string.Join(' ', settings));
}
