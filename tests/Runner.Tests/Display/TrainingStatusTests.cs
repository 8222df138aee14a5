using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Display;

/// <summary>How training goes, in a line of any width.</summary>
sealed class TrainingStatusTests : CommandTests
{
    [Test]
    public void What_there_is_space_for_comes_in_the_order_of_its_worth()
    {
        string[] parts = Whole().Split("   ");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parts, Has.Length.EqualTo(4));
            Assert.That(parts[0], Does.Match(@"^loss \d\.\d{4} \(mean of 20 steps\)$"));
            Assert.That(parts[1], Is.EqualTo("rate 0.1"));
            Assert.That(parts[2], Does.EndWith(" steps/s"));
            Assert.That(parts[3], Does.EndWith(" left"));
        }
    }

    [TestCase(0)]
    [TestCase(10)]
    public void The_loss_is_always_there(int width) => Assert.That(Line(width), Does.Match(@"^loss \d\.\d{4} \(mean of 20 steps\)$"));

    [TestCase(32)]
    [TestCase(45)]
    [TestCase(60)]
    public void No_line_is_longer_than_its_width(int width) => Assert.That(Line(width), Has.Length.LessThanOrEqualTo(width));

    [TestCase(39)]
    [TestCase(60)]
    [TestCase(200)]
    public void The_rows_of_a_terminal_fit_it_and_hold_the_time_left_and_both_curves(int width)
    {
        using var started = ComputeDevice.Open("cpu");
        (TrainingStatus status, Mlp network, Action<Action<IReadOnlyList<StepResult>>> train) = Create(started);
        using (network)
        {
            train(results => status.Add([.. results.Select(result => result with { DevLoss = result.Step == 19 ? 2.5 : null })]));
        }
        string[] rows = [.. status.Rows(width, Sparkline.Blocks)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows, Has.Length.EqualTo(4));
            Assert.That(rows, Has.All.Length.LessThanOrEqualTo(width));
            Assert.That(rows[0], Is.EqualTo("step 19 of 20, 100%"));
            Assert.That(rows[1], Does.Match(@"^loss \d\.\d{4}  [▁▂▃▄▅▆▇█]+$"));
            Assert.That(rows[1], Has.Length.InRange(Math.Min(width, 93) - 4, Math.Min(width, 93)));
            Assert.That(rows[2], Does.Match(@"^dev  2\.5000  +▁$"));
            Assert.That(rows[3], Does.Match(@"^0 s left   [\d,]+ steps/s"));
        }
    }

    // The loss of a batch jumps about; the mean of the last thousand does not.
    [Test]
    public void The_loss_is_the_mean_of_the_last_thousand_steps()
    {
        using var started = ComputeDevice.Open("cpu");
        (TrainingStatus status, Mlp network, _) = Create(started);
        network.Dispose();
        status.Add([.. Enumerable.Range(0, 1000).Select(step => new StepResult(step, 5f, 0.1f))]);
        status.Add([.. Enumerable.Range(1000, 500).Select(step => new StepResult(step, 1f, 0.01f))]);
        Assert.That(status.Line(int.MaxValue), Is.EqualTo("loss 3.0000 (mean of 1,000 steps)   rate 0.01"));
    }

    [Test]
    public void Steps_are_counted_from_0()
    {
        using var started = ComputeDevice.Open("cpu");
        (TrainingStatus status, Mlp network, _) = Create(started);
        network.Dispose();
        status.Add([new StepResult(0, 5f, 0.1f)]);
        Assert.That((status.Steps, status.Line(0)), Is.EqualTo(("step 0 of 20", "loss 5.0000 (mean of 1 step)")));
        status.Add([.. Enumerable.Range(1, 19).Select(step => new StepResult(step, 1f, 0.1f))]);
        Assert.That((status.Steps, status.Line(0)), Is.EqualTo(("step 19 of 20", "loss 1.2000 (mean of 20 steps)")));
    }

    static string Whole() => Line(int.MaxValue);

    static string Line(int width)
    {
        using var started = ComputeDevice.Open("cpu");
        (TrainingStatus status, Mlp network, Action<Action<IReadOnlyList<StepResult>>> train) = Create(started);
        train(status.Add);
        network.Dispose();
        return status.Line(width);
    }

    static (TrainingStatus Status, Mlp Network, Action<Action<IReadOnlyList<StepResult>>> Train) Create(ComputeDevice started)
    {
        var data = Dataset.Create(NamesFile.Read(SmallNames.Write()), context: 3);
        Recipe recipe = Recipe.Default with { Hidden = [8] };
        var network = new Mlp(started.Kernels, recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Of(1));
        var trainer = new Trainer(
            started.Kernels, network, new Configuration(recipe, Steps: 20, DropAt: 20, Seed: 1), generator, Strategy.Fused);
        return (new TrainingStatus(20, trainer), network, listener => trainer.Run(data.Train, listener));
    }
}
