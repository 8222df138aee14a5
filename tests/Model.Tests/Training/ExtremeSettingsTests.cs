using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>
/// Settings near the ends of the numbers: layered and fused give one verdict, that it trains, or at which step and why it cannot go on.
/// </summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class ExtremeSettingsTests(string accelerator)
{
    // The squares of values from 1e19 on are beyond all numbers.
    static readonly double[] Extremes = [0, 1e-40, 1e-20, 1e10, 1e14, 1e16, 1e18, 1e19, 1e20, 1e30, 3e38];

    // Between, rounding decides whether a run that throws its weights about comes back.
    static readonly double[] Rates = [1e-40, 1e20, 1e30, 3e38];

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [TestCaseSource(nameof(Settings))]
    public void Layered_and_fused_give_one_verdict(Recipe recipe) =>
        Assert.That(VerdictOf(recipe, Strategy.Fused), Is.EqualTo(VerdictOf(recipe, Strategy.Layered)));

    static IEnumerable<TestCaseData> Settings() =>
        from name in new[] { "naive", "batchnorm", "backprop", "deep-linear", "deep-batchnorm" }
        let lecture = Recipe.Named(name)
        let small = lecture with { Hidden = [.. lecture.Hidden.Select(_ => 20)] }
        from setting in (IEnumerable<(string Name, Recipe Recipe)>)
        [
            .. Extremes.Select(value => ($"gain {value}", small with { HiddenWeight = new Draw(value, ByFanIn: true) })),
            .. Extremes.Select(value => ($"output scale {value}", small.WithOutputScale(value))),
            .. Extremes.Where(_ => small.HiddenBias is not null)
                .Select(value => ($"hidden bias {value}", small with { HiddenBias = new Draw(value) })),
            .. Extremes.Where(_ => small.Normalization is not null)
                .Select(value => ($"epsilon {value}", small with { Normalization = small.Normalization! with { Epsilon = value } })),
            .. Extremes.Select(value => ($"l2 {value}", small with { L2 = new Dictionary<string, double> { ["C"] = value } })),
            .. Rates.Select(value => ($"rate {value}", small with { LearningRate = value })),
        ]
        select new TestCaseData(setting.Recipe).SetArgDisplayNames(name, setting.Name);

    string VerdictOf(Recipe recipe, Strategy strategy)
    {
        using var run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 20);
        try
        {
            run.Train();
            return "it trains";
        }
        catch (DivergedException fault)
        {
            return $"it diverges at step {fault.Step} by {fault.Cause}";
        }
    }
}
