using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class OverfitOneBatchTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void One_batch_is_learned_by_heart()
    {
        OverfitOneBatch result = OverfitOneBatch.Run(Context, steps: 1000);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Losses, Has.Count.EqualTo(1000).And.All.GreaterThan(result.Bound));
            Assert.That(result.Losses[^1], Is.EqualTo(result.Bound).Within(0.02));
            Assert.That(result.Bound, Is.GreaterThan(0));
        }
    }

    [Test]
    public void The_first_steps_are_those_of_the_form([Values("fused", "layered")] string strategy)
    {
        using ExperimentContext context = Create(strategy);
        IReadOnlyList<float> losses = OverfitOneBatch.Run(context, steps: 150).Losses;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses, Has.Count.EqualTo(150));
            Assert.That(losses[0], Is.EqualTo(Context.Train(Recipe.Named("kaiming"), 1).Losses[0]).Within(5e-6));
            Assert.That(losses, Is.EqualTo(OverfitOneBatch.Run(Context, steps: 150).Losses).Within(5e-6));
        }
    }

    // The bound counted in another way: the mean of -ln of the part that each example's target has among those of its context.
    [Test]
    public void The_bound_is_the_entropy_of_the_targets_given_their_contexts()
    {
        OverfitOneBatch result = OverfitOneBatch.Run(Context, steps: 1);
        using ExperimentRun trial = Context.Draw(Recipe.Named("kaiming"));
        Split train = TestData.Embedded.Train;
        (string Context, int Target)[] examples = Array.ConvertAll(
            trial.NextBatch(),
            example => (string.Join(' ', train.ContextOf(example)), train.Tokens[example]));
        double bound = examples.Average(example =>
            -Math.Log((double)examples.Count(other => other == example) / examples.Count(other => other.Context == example.Context)));
        int ambiguous = examples.GroupBy(example => example.Context).Count(group => group.Distinct().Count() > 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Bound, Is.EqualTo(bound).Within(1e-12));
            Assert.That(result.Ambiguous, Has.Count.EqualTo(ambiguous));
            Assert.That(result.Ambiguous.Select(context => context.Cost), Is.Ordered.Descending);
            Assert.That(result.Ambiguous.Select(context => context.Context), Has.All.Length.EqualTo(3));
        }
    }
}
