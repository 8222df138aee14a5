using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

/// <summary>The loss at the start, and its gradient.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class LossExperimentTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void Only_the_naive_network_starts_far_from_a_guess()
    {
        UniformLoss result = UniformLoss.Run(Context, steps: 1);
        var losses = result.Runs.ToDictionary(run => run.Recipe, run => run.Training.FirstLoss);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Uniform, Is.EqualTo(Math.Log(TestData.Embedded.Vocabulary.Count)));
            Assert.That(losses.Keys, Is.EqualTo(Recipe.All.Select(recipe => recipe.Name)));
            Assert.That(losses["naive"], Is.GreaterThan(5 * result.Uniform));
            // The logits of recipe backprop are ten times as large as those of the others.
            Assert.That(losses["backprop"], Is.EqualTo(result.Uniform).Within(1.0));
            losses.Remove("naive");
            losses.Remove("backprop");
            Assert.That(losses.Values, Has.All.EqualTo(result.Uniform).Within(0.1));
        }
    }

    [Test]
    public void The_naive_network_first_unlearns_what_it_was_sure_of()
    {
        UniformLoss result = UniformLoss.Run(Context, steps: 60);
        TrainingRecord naive = result.Runs.Single(run => run.Recipe == "naive").Training;
        Assert.That(naive.FinalLoss, Is.LessThan(naive.FirstLoss / 1.5));
    }

    [Test]
    public void Losses_of_scaled_logits_are_those_of_softmax()
    {
        LogitScale result = LogitScale.Run(Context);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Logits, Is.EqualTo(Context.CreateGenerator().RandN(4)));
            Assert.That(result.Rows.Select(row => row.Scale), Is.EqualTo(new float[] { 0, 1, 10, 50 }));
            foreach (ScaledLogits row in result.Rows)
            {
                double[] counts = [.. result.Logits.Select(logit => Math.Exp((double)row.Scale * logit))];
                double[] probabilities = [.. counts.Select(count => count / counts.Sum())];
                double[] losses = [.. probabilities.Select(probability => -Math.Log(probability))];
                Close.Assert($"losses at {row.Scale}", [.. row.Losses], losses, Tolerance.Forward);
                Close.Assert($"probabilities at {row.Scale}", row.Probabilities, probabilities, Tolerance.Forward);
                Assert.That(row.LossOfLikeliest, Is.EqualTo(losses.Min()).Within(1e-5));
                Assert.That(row.LossOfUnlikeliest, Is.EqualTo(losses.Max()).Within(1e-4));
            }
        }
    }

    [Test]
    public void The_larger_the_logits_the_more_a_wrong_guess_costs()
    {
        LogitScale result = LogitScale.Run(Context);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Rows[0].Losses, Has.All.EqualTo(Math.Log(4)).Within(1e-6));
            Assert.That(result.Rows.Select(row => row.MeanLoss), Is.Ordered.Ascending);
            Assert.That(result.Rows.Select(row => row.LossOfLikeliest), Is.Ordered.Descending);
            Assert.That(result.Rows[^1].LossOfUnlikeliest, Is.GreaterThan(10));
        }
    }

    [Test]
    public void Logits_of_ones_own_are_scaled_by_factors_of_ones_own()
    {
        var result = LogitScale.Run(Context, logits: [0, 0, 5], target: 2, scales: [-1, 0.5]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Logits, Is.EqualTo(new float[] { 0, 0, 5 }));
            Assert.That(result.Rows.Select(row => row.Scale), Is.EqualTo(new float[] { -1, 0.5f }));
            Assert.That(result.Rows[0].Losses[2], Is.EqualTo(Math.Log((2 * Math.Exp(5)) + 1)).Within(1e-5));
            Assert.That(result.Rows[1].Losses[2], Is.EqualTo(Math.Log((2 * Math.Exp(-2.5)) + 1)).Within(1e-5));
            Assert.That(() => LogitScale.Run(Context, logits: [0, 0], target: 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void Uniform_logits_lie_so_close_that_softmax_is_nearly_uniform_too()
    {
        LogitScale result = LogitScale.Run(Context, uniform: true, scales: [1]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Logits, Is.EqualTo(Context.CreateGenerator().Rand(4)));
            Assert.That(result.Rows[0].Probabilities, Has.All.InRange(0.25 / Math.E, 0.25 * Math.E));
        }
    }

    // A row of the same logits for each target.
    [Test]
    public void The_losses_for_all_targets_are_the_kernels_to_the_bit([Values(1, 2, 97)] int classes)
    {
        KernelSet kernels = Context.Kernels;
        float[] logits = Context.CreateGenerator().RandN(classes);
        LogitScale result = LogitScale.Run(Context, Array.ConvertAll(logits, logit => (double)logit), scales: [1]);
        using MemoryBuffer1D<float, Stride1D.Dense> x = kernels.Accelerator.Allocate1D(
            kernels.Stream, [.. Enumerable.Repeat(logits, classes).SelectMany(row => row)]);
        using MemoryBuffer1D<int, Stride1D.Dense> targets = kernels.Accelerator.Allocate1D(
            kernels.Stream, [.. Enumerable.Range(0, classes)]);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = kernels.Accelerator.Allocate1D<float>(classes);
        kernels.SoftmaxCrossEntropy.Loss(x.View, targets.View, classes, losses.View);
        Assert.That(result.Rows[0].Losses, Is.EqualTo(kernels.Read<float>(losses.View)));
    }

    [Test]
    public void The_gradient_of_the_logits_is_p_minus_one_hot_by_N()
    {
        GradientOfLoss result = GradientOfLoss.Run(Context);
        (_, Matrix<double> expected) = ReferenceOperations.SoftmaxCrossEntropy(Logits(result), result.Targets);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Targets, Has.Count.EqualTo(32));
            Assert.That(result.Characters, Is.EqualTo(TestData.Embedded.Vocabulary.Tokens));
            Assert.That(result.LargestRowSum, Is.LessThan(2e-8));
            Assert.That(result.LargestDifference, Is.LessThan(2e-8));
            Close.Assert("dlogits", [.. result.Gradient.SelectMany(row => row)], expected.ToRowMajorArray(), Tolerance.Gradient);
        }
    }

    [Test]
    public void Only_the_right_character_is_pulled_up()
    {
        GradientOfLoss result = GradientOfLoss.Run(Context);
        for (int row = 0; row < result.Targets.Count; row++)
        {
            int[] negative = [.. Enumerable.Range(0, result.Gradient[row].Length).Where(column => result.Gradient[row][column] < 0)];
            Assert.That(negative, Is.EqualTo(new[] { result.Targets[row] }), $"row {row}");
        }
    }

    // ln p is as good a logit as any: softmax gives p back.
    static Matrix<double> Logits(GradientOfLoss result) =>
        Matrix<double>.Build.Dense(
            result.Targets.Count, result.Probabilities[0].Length, (row, column) => Math.Log(result.Probabilities[row][column]));
}
