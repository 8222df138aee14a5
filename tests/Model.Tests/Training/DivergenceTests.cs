using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>Why training cannot go on, and what is advised.</summary>
[TestFixtureSource(typeof(Forms), nameof(Forms.Training))]
sealed class DivergenceTests(string accelerator, string strategyName, int threads, FusedForm form, int groups)
{
    static readonly Recipe Small = Recipe.Named("batchnorm") with { Hidden = [20] };

    readonly Strategy strategy = new(strategyName, threads, form, groups);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [Test]
    public void Examples_of_one_context_are_refused_before_their_step_where_there_is_no_epsilon([Values(2, 3)] int batch)
    {
        Recipe recipe = Small with { Batch = batch };
        using var run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 1000);
        FlatBatchException fault = Assert.Throws<FlatBatchException>(() => run.Train())!;
        Refusal.AssertOneLine(fault);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault.Step, Is.InRange(1, 999));
            Assert.That(Enumerable.Range(0, fault.Step).Where(step => Contexts(recipe, step).Count() == 1), Is.Empty);
            Assert.That(Contexts(recipe, fault.Step).Count(), Is.EqualTo(1));
            Assert.That(fault.Message, Does.Contain($"all {batch} examples of step {fault.Step} ")
                .And.Contain("Normalization.Epsilon 1e-5").And.Contain("Batch").And.Not.Contain("LearningRate"));
            Assert.That(run.Losses, Has.Length.EqualTo(fault.Step).And.All.Matches<float>(float.IsFinite));
            Assert.That(run.Trainer.StepsDone, Is.EqualTo(fault.Step));
        }
    }

    [Test]
    public void Examples_of_one_context_are_trained_on_where_there_is_an_epsilon()
    {
        Recipe recipe = Small with { Batch = 2, Normalization = Small.Normalization! with { Epsilon = 1e-5 } };
        using TrainingRun run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 200).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Enumerable.Range(0, 200).Count(step => Contexts(recipe, step).Count() == 1), Is.Positive);
            Assert.That(run.Losses, Has.Length.EqualTo(200).And.All.Matches<float>(float.IsFinite));
        }
    }

    [Test]
    public void Features_that_are_all_the_same_call_for_other_scales()
    {
        using var run = new TrainingRun(
            Kernels, strategy, Small with { HiddenWeight = Draw.Constant(0) }, TestData.Embedded, steps: 10);
        AssertDiverges(
            run, DivergenceCause.FlatFeature, "20 of the 20 features of BatchNorm 1", "Normalization.Epsilon 1e-5", "HiddenWeight.Scale");
    }

    [TestCase("W1", 1)]
    [TestCase("layers.3.weight", 2)]
    public void A_single_feature_that_does_not_vary_is_found(string weight, int batchNorm)
    {
        Recipe recipe = Small with { Hidden = batchNorm == 1 ? [20] : [10, 20] };
        using var run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 10);
        Tensor tensor = run.Network.Parameters.Tensors.Single(candidate => candidate.Name == weight);
        tensor.Set([.. tensor.ToArray().Select((value, i) => i % 20 == 7 ? 0 : value)]);
        AssertDiverges(
            run, DivergenceCause.FlatFeature, $"1 of the 20 features of BatchNorm {batchNorm}", "over the 32 examples",
            "Normalization.Epsilon 1e-5",
            "Batch larger than 32");
    }

    // Each letter stands once, and two letters have one embedding: their contexts differ, and their features do not. The rate is so small
    // that this stays so. Which step draws two such examples depends on what was drawn before.
    [Test]
    public void Contexts_that_differ_without_a_difference_are_found_at_their_step()
    {
        string letters = string.Concat(Enumerable.Range('A', 26).Concat(Enumerable.Range('a', 26)).Select(letter => (char)letter));
        var data = Dataset.Create(TestData.Names([.. letters.Chunk(4).Select(name => new string(name))]), context: 1);
        foreach (int hidden in Enumerable.Range(5, 60))
        {
            Recipe recipe = Small with { Hidden = [hidden], Batch = 2, Context = 1, LearningRate = 1e-30 };
            using var run = new TrainingRun(Kernels, strategy, recipe, data, steps: 100);
            float[] table = run.Network.Table.ToArray();
            int width = recipe.Embedding;
            run.Network.Table.Set([.. table.Select((value, i) => i / width == 0 ? value : table[i - (i / width % 2 == 0 ? width : 0)])]);
            try
            {
                run.Train();
            }
            catch (FlatBatchException)
            {
                continue;
            }
            catch (DivergedException fault) when (fault.Step > 1)
            {
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(fault.Cause, Is.EqualTo(DivergenceCause.FlatFeature));
                    Assert.That(fault.Message, Does.Contain($"at step {fault.Step}, for {hidden} of the {hidden} features"));
                }
                return;
            }
            catch (DivergedException)
            {
                continue;
            }
        }
        Assert.Fail("no run drew two such examples");
    }

    [Test]
    public void A_learning_rate_that_is_too_large_is_named_without_an_epsilon_too()
    {
        using var run = new TrainingRun(Kernels, strategy, Small with { LearningRate = 1e30 }, TestData.Embedded, steps: 1000);
        AssertDiverges(run, DivergenceCause.LearningRate, "LearningRate");
    }

    [Test]
    public void Weights_that_are_too_large_are_named_before_the_learning_rate()
    {
        Recipe wild = Recipe.Named("deep-linear");
        using var run = new TrainingRun(
            Kernels, strategy, wild with { HiddenWeight = wild.HiddenWeight with { Scale = 3 } }, TestData.Embedded, steps: 1000);
        AssertDiverges(run, DivergenceCause.Scales, "at step 0", "HiddenWeight.Scale", "LearningRate");
    }

    [Test]
    public void Weights_larger_than_the_recipes_are_named_before_the_learning_rate()
    {
        Recipe lecture = Recipe.Named("deep-linear");
        using var run = new TrainingRun(
            Kernels, strategy, lecture with { HiddenWeight = lecture.HiddenWeight with { Scale = 2.2 } }, TestData.Embedded, steps: 1000);
        AssertDiverges(run, DivergenceCause.Scales, "larger than recipe deep-linear does", "HiddenWeight.Scale", "LearningRate");
    }

    [Test]
    public void An_l2_loss_that_grows_by_its_own_updates_is_named_with_its_tensor()
    {
        using var run = new TrainingRun(
            Kernels, strategy, Small with { L2 = new Dictionary<string, double> { ["W1"] = 1e7 } }, TestData.Embedded, steps: 1000);
        AssertDiverges(run, DivergenceCause.Penalty, "W1", "L2 W1=N", "6E+3");
    }

    // What a weight that is not a number reaches first.
    [TestCase("C", "the parameter C", 0)]
    [TestCase("layers.3.weight", "the parameter layers.3.weight", 0)]
    public void A_parameter_that_is_no_number_is_named(string tensor, string name, int step)
    {
        using var run = new TrainingRun(Kernels, strategy, Small with { Hidden = [20, 10] }, TestData.Embedded, steps: 10);
        Tensor parameter = run.Network.Parameters.Tensors.Single(candidate => candidate.Name == tensor);
        parameter.Set([float.NaN, .. parameter.ToArray()[1..]]);
        DivergedException fault = Assert.Throws<DivergedException>(() => run.Train())!;
        Assert.That(fault.First, Is.EqualTo(new NonFiniteValue(step, name)));
        Assert.That(fault.Message, Does.EndWith($"; the first value that is not finite is in {name}, at step {step}"));
    }

    // 1e20 · 1e20 is no number of 32 bits.
    [TestCase("layers.0.weight", "hidden layer 1's linear output")]
    [TestCase("layers.1.weight", "hidden layer 2's linear output")]
    [TestCase("layers.2.weight", "the output layer's linear output")]
    public void The_layer_whose_output_is_the_first_that_is_not_finite_is_named(string weight, string name)
    {
        Recipe recipe = Recipe.Named("deep-linear") with { Hidden = [20, 10] };
        using var run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 10);
        run.Network.Table.Set(Array.ConvertAll(run.Network.Table.ToArray(), value => value * 1e20f));
        Tensor tensor = run.Network.Parameters.Tensors.Single(candidate => candidate.Name == weight);
        tensor.Set(Array.ConvertAll(tensor.ToArray(), value => value * 1e20f));
        DivergedException fault = Assert.Throws<DivergedException>(() => run.Train())!;
        Assert.That(fault.First, Is.EqualTo(new NonFiniteValue(0, name)));
    }

    // Before and after a step that is kept to go on from, which in the layered form is the 1001st.
    [TestCase(700)]
    [TestCase(1003)]
    public void A_late_divergence_is_looked_into_at_its_step(int step)
    {
        Recipe recipe = Small with { FinalRate = 1e30 };
        using var run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 2000, dropAt: step);
        DivergedException fault = Assert.Throws<DivergedException>(() => run.Train())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault.Step, Is.InRange(step + 1, step + 100));
            Assert.That(fault.First!.Step, Is.InRange(fault.Step - 1, fault.Step));
        }
    }

    static void AssertDiverges(TrainingRun run, DivergenceCause cause, params string[] mentions)
    {
        DivergedException fault = Assert.Throws<DivergedException>(() => run.Train())!;
        Refusal.AssertOneLine(fault);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault.Cause, Is.EqualTo(cause), fault.Message);
            foreach (string mention in mentions)
            {
                Assert.That(fault.Message, Does.Contain(mention));
            }
            Assert.That(
                fault.Message.Contains("LearningRate", StringComparison.Ordinal), Is.EqualTo(cause != DivergenceCause.FlatFeature));
        }
    }

    // The different contexts of a step's batch.
    IEnumerable<string> Contexts(Recipe recipe, int step)
    {
        Split train = TestData.Embedded.Train;
        int[] batch = BatchSequence.BatchAfter(Kernels, Configuration.Resolve(recipe, train.Count, steps: 1000), TestData.Embedded, step);
        return batch.Select(i => string.Join(' ', train.ContextOf(i))).Distinct();
    }
}
