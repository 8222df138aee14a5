using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>Every recipe, in each form: the first steps beside the reference's, and what the lecture says of the first loss.</summary>
[TestFixtureSource(typeof(Forms), nameof(Forms.Training))]
sealed class RecipeTrainingTests(string accelerator, string strategyName, int threads, FusedForm form, int groups)
{
    // What float32 and another order of sums do to the loss of a step; a wrong variance shows as 3e-2, an approximate tanh as 5e-4.
    const double LossDifference = 5e-6;

    readonly Strategy strategy = new(strategyName, threads, form, groups);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [TestCaseSource(nameof(WellConditioned))]
    public void Its_losses_are_the_references(Recipe recipe)
    {
        const int steps = 200;
        double[] differences =
            [.. Losses(recipe, steps).Zip(ReferenceTraining.Losses(recipe, steps), (loss, expected) => Math.Abs(loss - expected))];
        Assert.That(
            differences, Has.All.LessThanOrEqualTo(LossDifference),
            $"the largest is at step {Array.IndexOf(differences, differences.Max())}");
    }

    // Ill-conditioned: parameters changed by one unit in the last place show in the loss by 6e-6 at step 5 and by 1 within 1,000. In a
    // hundred runs changed so, the means over the 1,000 have a standard deviation of 7e-3 and all lie within 0.042: what parts two runs by
    // more is no rounding.
    [Test]
    public void Recipe_naive_begins_as_the_reference_and_has_its_mean_loss()
    {
        const int steps = 1000;
        Recipe naive = Recipe.Named("naive");
        float[] losses = Losses(naive, steps);
        double[] expected = ReferenceTraining.Losses(naive, steps);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses[0], Is.EqualTo(expected[0]).Within(1e-5 * expected[0]));
            Assert.That(losses.Average(), Is.EqualTo(expected.Average()).Within(0.05));
        }
    }

    // A guess costs ln 27 = 3.2958.
    [TestCase("naive", 20, 40)]
    [TestCase("small-logits", 3.2458, 3.3458)]
    public void On_the_lectures_names_naive_starts_far_above_a_guess_and_small_logits_at_it(string recipe, double lowest, double highest)
    {
        using TrainingRun run = new TrainingRun(Kernels, strategy, Recipe.Named(recipe), TestData.Lecture, steps: 1).Train();
        Assert.That(run.Losses[0], Is.InRange(lowest, highest));
    }

    // With an L2 loss, the loss that is recorded is the one that is differentiated.
    static IEnumerable<TestCaseData> WellConditioned() => Networks.AsCases(
    [
        .. Recipe.All.Where(recipe => recipe.Name != "naive"),
        Recipe.Named("batchnorm") with
        {
            Name = "batchnorm, L2",
            Hidden = [61],
            OutputBias = new Draw(0.3),
            L2 = Networks.L2(("C", 0.1), ("W1", 0.2), ("W2", 0.3), ("b2", 0.5), ("bngain", 0.2), ("bnbias", 0.3)),
        },
        Recipe.Named("deep-tanh") with
        {
            Name = "deep-tanh, L2",
            Hidden = [40, 33],
            L2 = Networks.L2(("C", 0.01), ("layers.0.weight", 0.3), ("layers.2.bias", 0.1)),
        },
    ]);

    float[] Losses(Recipe recipe, int steps)
    {
        using TrainingRun run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps, dropAt: steps).Train();
        return run.Losses;
    }
}
