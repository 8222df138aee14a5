using System.Text.Json;
using System.Xml.Linq;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;
using SkiaSharp;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>The quick form, with as little time for each operation as can be.</summary>
sealed class BenchCommandTests : CommandTests
{
    const string Run1 = "run1";

    static readonly string[] Call = ["bench", "--quick", "--seconds", "1e-6", "--accelerator", "cpu"];

    static readonly string[] Operations =
    [
        "MatMul.Multiply", "MatMul.MultiplyLeftTransposed", "MatMul.MultiplyRightTransposed", "Bias.Add", "Bias.ColumnSums",
        "Tanh.Forward", "Tanh.Backward", "Relu.Forward", "Relu.Backward", "Sigmoid.Forward", "Sigmoid.Backward", "Gelu.Forward",
        "Gelu.Backward", "BatchNorm.Forward", "BatchNorm.ForwardFixed", "BatchNorm.Backward", "GroupNorm.Forward, G = 1",
        "GroupNorm.Backward, G = 1", "GroupNorm.Forward, G = 8", "GroupNorm.Backward, G = 8", "SoftmaxCrossEntropy.LossAndGradient",
        "SoftmaxCrossEntropy.Mean", "L2Penalty.Add", "L2Penalty.AddGradient", "Embedding.Forward", "Embedding.Backward",
        "BatchGather.Gather", "Sgd.Update", "Statistics.Summarize", "training step, layered", "training step, fused",
    ];

    [Test]
    public void Every_operation_is_measured_shown_and_drawn()
    {
        Outcome outcome = Succeed([.. Call, "--json", "--run", Run1]);
        JsonElement json = outcome.Json;
        double flops = json.GetProperty("peak").GetProperty("gigaflops").GetDouble();
        double bytes = json.GetProperty("peak").GetProperty("gigabytes").GetDouble();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((flops, bytes), Is.GreaterThan((0.0, 0.0)));
            foreach (string sizes in new[] { "lectures", "large" })
            {
                JsonElement[] measured = [.. json.GetProperty(sizes).EnumerateArray()];
                Assert.That(measured.Select(operation => operation.GetProperty("operation").GetString()), Is.EqualTo(Operations), sizes);
                Assert.That(measured.Select(operation => Number(operation, "number")), Is.EqualTo(Enumerable.Range(1, measured.Length)));
                foreach (JsonElement operation in measured)
                {
                    AssertConsistent(operation, flops, bytes);
                }
            }
            foreach ((string name, int index) in Operations.Select((name, index) => (name, index)))
            {
                // At both sizes, and what is counted.
                Assert.That(outcome.ErrorLines, Has.Exactly(2).StartsWith($"  {index + 1} {name} "));
                Assert.That(outcome.ErrorLines, Has.One.StartsWith($"  {name} "));
            }
            AssertDrawn(json, [.. Operations.Except(["Embedding.Forward", "BatchGather.Gather"])]);
        }
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_told_before_anything_is_measured()
    {
        Outcome outcome = Refuse(["bench", "--run", Path.Combine("new", new string('x', 300))], "the run folder", "cannot be written");
        Assert.That((outcome.Output, Directory.Exists("new")), Is.EqualTo(("", false)));
    }

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("61")]
    public void A_time_that_is_none_or_too_long_is_refused(string seconds) =>
        Refuse(["bench", "--seconds", seconds], "--seconds", seconds, "above 0", "at most 60");

    [Test]
    public void A_folder_that_exists_is_refused()
    {
        Directory.CreateDirectory(Run1);
        Refuse([.. Call, "--run", Run1], Run1, "--force");
    }

    [Test]
    public void What_is_stopped_writes_nothing()
    {
        using var output = new StringWriter();
        Run(output, new CancellationToken(canceled: true), [.. Call, "--run", Run1]).AssertFailed(Interrupted);
        Assert.That(Directory.Exists(Run1), Is.False);
    }

    static void AssertConsistent(JsonElement operation, double peakGigaflops, double peakGigabytes)
    {
        double seconds = Number(operation, "seconds");
        string name = operation.ToString();
        Assert.That(seconds, Is.Positive, name);
        Assert.That(Number(operation, "bytes"), Is.Positive, name);
        Assert.That(Number(operation, "gigaflops"), Is.EqualTo(Number(operation, "flops") / seconds / 1e9).Within(1e-9).Percent, name);
        Assert.That(Number(operation, "gigabytes"), Is.EqualTo(Number(operation, "bytes") / seconds / 1e9).Within(1e-9).Percent, name);
        Assert.That(
            Number(operation, "share_of_multiply_adds"),
            Is.EqualTo(Number(operation, "gigaflops") / peakGigaflops).Within(1e-9).Percent.And.InRange(0, 1.5), name);
        // Caches are faster than the memory that the copy needs.
        Assert.That(
            Number(operation, "share_of_copy"),
            Is.EqualTo(Number(operation, "gigabytes") / peakGigabytes).Within(1e-9).Percent.And.Positive, name);
    }

    static void AssertDrawn(JsonElement json, string[] operations)
    {
        string plots = Path.Combine(Run1, "plots");
        string png = Path.Combine(plots, "roofline.png"), svg = Path.Combine(plots, "roofline.svg");
        Assert.That(json.GetProperty("pictures").EnumerateArray().Select(file => file.GetString()), Is.EqualTo(new[] { png, svg }));
        Assert.That(File.ReadAllText(json.GetProperty("report").GetString()!), Does.Contain("Roofline"));
        using var bitmap = SKBitmap.Decode(png);
        Assert.That(bitmap.Width, Is.GreaterThan(1000));
        string[] texts =
        [
            .. XDocument.Load(svg).Descendants()
                .Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()),
        ];
        foreach (string operation in operations)
        {
            int number = Array.IndexOf(Operations, operation) + 1;
            // In the legend, and at the points of both sizes.
            Assert.That(texts, Has.One.EqualTo($"{number} {operation}"));
            Assert.That(texts.Count(text => text == $"{number}"), Is.GreaterThanOrEqualTo(2), operation);
        }
    }

    static double Number(JsonElement operation, string property) => operation.GetProperty(property).GetDouble();
}
