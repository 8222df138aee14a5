using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Reference;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Reference;

sealed class ReferenceStepTests
{
    static readonly LectureBatch Batch = LectureBatch.From(TestData.GoldenBatch);
    static readonly IReadOnlyDictionary<string, double[]> Tensors = ReferenceStep.Run(Batch);

    [Test]
    public void Every_tensor_of_libtorchs_dump_is_met()
    {
        Dictionary<string, StoredTensor> dumped = TestData.GoldenBatch.Tensors.Where(pair => pair.Value.Type == "F32").ToDictionary();
        TensorComparison[] comparisons = [.. dumped.Where(pair => pair.Key != "loss.grad").Select(pair => Compare(pair.Key, pair.Value))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(dumped.Keys.Except(Tensors.Keys), Is.EqualTo(new[] { "loss.grad" }), "which is 1");
            Assert.That(comparisons.Where(comparison => !comparison.Approximate), Is.Empty);
        }
    }

    // Differences of δ = 1e-3 are themselves off by δ² times the loss's third derivative: 2e-8 here.
    [Test]
    public void Gradients_are_the_losss_central_differences(
        [ValueSource(typeof(LectureBatch), nameof(LectureBatch.ParameterNames))] string name)
    {
        double[] gradient = Tensors[name + ".grad"];
        int largest = Array.IndexOf(gradient, gradient.MaxBy(Math.Abs));
        int[] indices = [0, gradient.Length / 3, gradient.Length / 2, largest, gradient.Length - 1];
        double[] estimates = Array.ConvertAll(indices, index => GradientCheck.Estimate(Batch, name, index));
        Close.Assert(name, estimates, Array.ConvertAll(indices, index => gradient[index]), Tolerance.Gradient);
    }

    // A bias before a normalization is taken out again with the mean.
    [Test]
    public void The_bias_before_the_normalization_has_no_gradient() => Assert.That(Tensors["b1.grad"], Is.All.EqualTo(0).Within(1e-15));

    [Test]
    public void Probabilities_of_a_row_sum_to_one() =>
        Assert.That(Tensors["probs"].Chunk(Batch.Vocabulary).Select(row => row.Sum()), Is.All.EqualTo(1).Within(1e-14));

    static TensorComparison Compare(string name, StoredTensor dumped)
    {
        float[] actual = Array.ConvertAll(Tensors[name], value => (float)value);
        double[] expected = Array.ConvertAll(dumped.ToFloats(), value => (double)value);
        return TensorComparison.Of(name, actual, expected, Tolerance.For(name));
    }
}
