using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Reference;

// The closed forms against the lecture's small steps, on the dump's batch: both in double, so that only rounding is between them.
sealed class ReferenceOperationsTests
{
    static readonly Tolerance Rounding = new(Absolute: 1e-13, Relative: 1e-11);

    static readonly BatchNormConstants Constants = Recipe.Named("backprop").Normalization!.Constants;

    static readonly LectureBatch Batch = LectureBatch.From(TestData.GoldenBatch);
    static readonly IReadOnlyDictionary<string, double[]> Steps = ReferenceStep.Run(Batch);

    [Test]
    public void Batch_normalization_is_that_of_the_small_steps()
    {
        BatchNormResult result = ReferenceOperations.BatchNorm(Matrix("hprebn"), Vector("bngain"), Vector("bnbias"), Constants);
        using (Assert.EnterMultipleScope())
        {
            AssertClose("hpreact", result.Y);
            AssertClose("bnmeani", result.Mean);
            AssertClose("bnvar", result.Variance);
            AssertClose("bnvar_inv", result.InverseDeviation);
        }
    }

    [Test]
    public void Batch_normalization_backward_in_one_formula_is_that_of_the_small_steps()
    {
        BatchNormResult forward = ReferenceOperations.BatchNorm(Matrix("hprebn"), Vector("bngain"), Vector("bnbias"), Constants);
        (Matrix<double> dx, Vector<double> dGain, Vector<double> dBias) =
            ReferenceOperations.BatchNormBackward(Matrix("hprebn"), forward, Vector("bngain"), Constants, Matrix("hpreact.grad"));
        using (Assert.EnterMultipleScope())
        {
            AssertClose("hprebn.grad", dx);
            AssertClose("bngain.grad", dGain);
            AssertClose("bnbias.grad", dBias);
        }
    }

    [Test]
    public void Normalization_by_the_batchs_own_statistics_is_batch_normalization() =>
        AssertClose("hpreact", ReferenceOperations.BatchNormFixed(
            Matrix("hprebn"), Vector("bngain"), Vector("bnbias"), Vector("bnmeani"),
            ReferenceOperations.Deviation(Vector("bnvar"), Constants)));

    [Test]
    public void Softmax_and_cross_entropy_in_one_formula_are_those_of_the_small_steps()
    {
        (Vector<double> losses, Matrix<double> dLogits) = ReferenceOperations.SoftmaxCrossEntropy(Matrix("logits"), Batch.Targets);
        using (Assert.EnterMultipleScope())
        {
            Close.Assert("loss", [losses.Average()], Steps["loss"], Rounding);
            Close.Assert(
                "losses",
                losses.ToArray(),
                [.. Batch.Targets.Select((target, n) => -Steps["logprobs"][(n * Batch.Vocabulary) + target])],
                Rounding);
            AssertClose("logits.grad", dLogits);
        }
    }

    [Test]
    public void Softmax_of_large_logits_stays_finite()
    {
        var logits = Matrix<double>.Build.Dense(1, 3, [1e4, 0, -1e4]);
        (Vector<double> losses, Matrix<double> dLogits) = ReferenceOperations.SoftmaxCrossEntropy(logits, [1]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses[0], Is.EqualTo(1e4));
            Assert.That(dLogits.ToRowMajorArray(), Is.EqualTo(new[] { 1.0, -1.0, 0.0 }));
        }
    }

    [Test]
    public void Tanh_backward_is_that_of_the_small_steps() =>
        AssertClose("hpreact.grad", ReferenceOperations.ActivateBackward(
            Activation.Tanh, ReferenceOperations.Activate(Activation.Tanh, Matrix("hpreact")), Matrix("h.grad")));

    [Test]
    public void Embedding_takes_rows_and_gives_their_gradients_back_to_them()
    {
        var table = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });
        var dy = Matrix<double>.Build.DenseOfArray(new double[,] { { 10, 20 }, { 1, 2 }, { 100, 200 } });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ReferenceOperations.Embed(table, [2, 0, 2]).ToRowMajorArray(), Is.EqualTo(new double[] { 5, 6, 1, 2, 5, 6 }));
            Assert.That(
                ReferenceOperations.EmbedBackward([2, 0, 2], dy, 3).ToRowMajorArray(), Is.EqualTo(new double[] { 1, 2, 0, 0, 110, 220 }));
        }
    }

    [Test]
    public void Sgd_goes_against_the_gradient()
    {
        var w = Matrix<double>.Build.Dense(1, 2, [1, 2]);
        var dw = Matrix<double>.Build.Dense(1, 2, [10, -20]);
        Assert.That(ReferenceOperations.Sgd(w, dw, 0.5).ToRowMajorArray(), Is.EqualTo(new double[] { -4, 12 }));
    }

    [Test]
    public void Group_normalization_takes_mean_and_variance_of_each_group()
    {
        var x = Matrix<double>.Build.Dense(1, 4, [1, 3, -10, 10]);
        GroupNormResult result = ReferenceOperations.GroupNorm(
            x, Vector<double>.Build.Dense([1, 1, 2, 2]), Vector<double>.Build.Dense([0, 5, 0, 0]), epsilon: 0, groups: 2);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Mean.ToRowMajorArray(), Is.EqualTo(new double[] { 2, 0 }));
            Assert.That(result.Variance.ToRowMajorArray(), Is.EqualTo(new double[] { 1, 100 }));
            Assert.That(result.Y.ToRowMajorArray(), Is.EqualTo(new double[] { -1, 6, -2, 2 }));
        }
    }

    // The sum of dy·y is a loss whose gradients are those of the backward pass.
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Group_normalization_backward_is_the_slope(int groups)
    {
        const double delta = 1e-5;
        var random = new System.Random(1);
        Matrix<double> Drawn(int rows) => Matrix<double>.Build.Dense(rows, 6, (_, _) => random.NextDouble() - 0.5);
        Matrix<double> x = Drawn(3), dy = Drawn(3), gain = Drawn(1), bias = Drawn(1);
        double Loss(Matrix<double> values, Matrix<double> gains, Matrix<double> biases) =>
            ReferenceOperations.GroupNorm(values, gains.Row(0), biases.Row(0), 1e-3, groups).Y.PointwiseMultiply(dy).RowSums().Sum();

        GroupNormResult forward = ReferenceOperations.GroupNorm(x, gain.Row(0), bias.Row(0), 1e-3, groups);
        var (dx, dGain, dBias) = ReferenceOperations.GroupNormBackward(x, forward, gain.Row(0), dy);
        using (Assert.EnterMultipleScope())
        {
            AssertSlopes(dx, x, changed => Loss(changed, gain, bias));
            AssertSlopes(dGain.ToRowMatrix(), gain, changed => Loss(x, changed, bias));
            AssertSlopes(dBias.ToRowMatrix(), bias, changed => Loss(x, gain, changed));
        }

        static void AssertSlopes(Matrix<double> gradient, Matrix<double> at, Func<Matrix<double>, double> loss)
        {
            foreach ((int row, int column, double slope) in gradient.EnumerateIndexed())
            {
                Matrix<double> above = at.Clone(), below = at.Clone();
                above[row, column] += delta;
                below[row, column] -= delta;
                Assert.That(slope, Is.EqualTo((loss(above) - loss(below)) / (2 * delta)).Within(1e-7));
            }
        }
    }

    [Test]
    public void The_L2_loss_is_a_multiple_of_the_mean_square_with_its_slope()
    {
        const double coefficient = 0.3, delta = 1e-4;
        var w = Matrix<double>.Build.Dense(2, 3, [1, -2, 3, 0, 0.5, -4]);
        (double l2Loss, Matrix<double> gradient) = ReferenceOperations.L2Penalty(w, coefficient);
        double Shifted(int row, int column, double by)
        {
            Matrix<double> shifted = w.Clone();
            shifted[row, column] += by;
            return ReferenceOperations.L2Penalty(shifted, coefficient).Penalty;
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(l2Loss, Is.EqualTo(coefficient * (1 + 4 + 9 + 0.25 + 16) / 6).Within(1e-15));
            foreach ((int row, int column, double slope) in gradient.EnumerateIndexed())
            {
                Assert.That(slope, Is.EqualTo((Shifted(row, column, delta) - Shifted(row, column, -delta)) / (2 * delta)).Within(1e-10));
            }
        }
    }

    static Matrix<double> Matrix(string name) =>
        Matrix<double>.Build.DenseOfRowMajor(Batch.Count, Steps[name].Length / Batch.Count, Steps[name]);

    static Vector<double> Vector(string name) => Vector<double>.Build.Dense(Steps[name]);

    static void AssertClose(string name, Matrix<double> actual) => Close.Assert(name, actual.ToRowMajorArray(), Steps[name], Rounding);

    static void AssertClose(string name, Vector<double> actual) => Close.Assert(name, actual.ToArray(), Steps[name], Rounding);
}
