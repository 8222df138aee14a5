using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Losses;

sealed class L2PenaltyTests(TestBench bench) : KernelTests(bench)
{
    static readonly Gen<(float[] Weights, float[] Gradient, float Coefficient)> Cases =
        from count in Gen.Int[1, 300]
        from weights in Samples.Value.Array[count]
        from gradient in Samples.Value.Array[count]
        from coefficient in Gen.Float[-2f, 2f]
        select (weights, gradient, coefficient);

    [TestCase(1)]
    [TestCase(17)]
    [TestCase(257)]
    [TestCase(6000)]
    public void Loss_and_gradient_are_those_of_the_reference(int count) =>
        AssertBoth(Samples.Normal(count, seed: 1), Samples.Normal(count, seed: 2), 0.3f);

    [Test]
    public void Both_hold_for_random_values() => ForAll(Cases, item => AssertBoth(item.Weights, item.Gradient, item.Coefficient));

    [Test]
    public void Only_the_loss_of_its_own_step_changes()
    {
        DeviceArray<float> record = Upload(1f, 2f, 3f);
        Kernels.L2Penalty.Add(Upload(2f, 4f), 0.5f, State(1), record);
        Tensors.AssertSameBits(record.Read(), [1f, 7f, 3f]);
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void NaN_and_infinity_reach_the_loss(float weight)
    {
        DeviceArray<float> record = Upload(1f);
        Kernels.L2Penalty.Add(Upload(1f, weight, 1f), 1f, State(0), record);
        Assert.That(record.Read(), Is.EqualTo(new[] { weight }));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> weights = Output(6), wrong = Output(5), record = Output(2);
        ArrayView<StepState> state = State(0);
        AssertRejects("dWeights", () => Kernels.L2Penalty.AddGradient(weights, 1f, wrong));
        AssertOutOfRange("weights", () => Kernels.L2Penalty.Add(weights.SubView(0, 0), 1f, state, record));
        AssertRejects("state", () => Kernels.L2Penalty.Add(weights, 1f, state.SubView(0, 0), record));
    }

    void AssertBoth(float[] weights, float[] gradient, float coefficient)
    {
        const float loss = 3.25f;
        DeviceArray<float> w = Upload(weights), record = Upload(loss), dw = Upload(gradient);
        Kernels.L2Penalty.Add(w, coefficient, State(0), record);
        Kernels.L2Penalty.AddGradient(w, coefficient, dw);

        (double l2Loss, Matrix<double> added) = ReferenceOperations.L2Penalty(weights.ToMatrix(1), coefficient);
        // Each square, each addition in a thread and among the threads, the factor, its product, and the loss that it is added to.
        Vector<double> allowance = Vector<double>.Build.Dense(1, Tolerances.Gamma((2 * weights.Length) + 4) * (Math.Abs(l2Loss) + loss));
        Tensors.AssertClose(record.Read(), Vector<double>.Build.Dense(1, loss + l2Loss), Tolerances.Rounding, allowance);
        Matrix<double> start = gradient.ToMatrix(1);
        Tensors.AssertClose(
            dw.Read(), start + added, Tolerances.Rounding, Tolerances.Gamma(4) * (start.PointwiseAbs() + added.PointwiseAbs()));
    }
}
