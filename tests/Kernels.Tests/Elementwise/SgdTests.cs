using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class SgdTests(TestBench bench) : KernelTests(bench)
{
    static readonly Gen<(float[] Parameters, float[] Gradients, float Rate)> Steps =
        from count in Gen.Int[1, 300]
        from parameters in Samples.Value.Array[count]
        from gradients in Samples.Value.Array[count]
        from rate in Gen.Float[1e-5f, 1f]
        select (parameters, gradients, rate);

    [TestCase(1)]
    [TestCase(17)]
    [TestCase(257)]
    public void Update_goes_against_the_gradient(int count) =>
        AssertUpdate(Samples.Normal(count, seed: 1), Samples.Normal(count, seed: 2), 0.1f);

    [Test]
    public void Update_holds_for_random_values() => ForAll(Steps, step => AssertUpdate(step.Parameters, step.Gradients, step.Rate));

    [Test]
    public void Update_without_a_learning_rate_leaves_every_bit()
    {
        float[] values = Samples.Normal(33, seed: 3);
        DeviceArray<float> parameters = Upload(values);
        Kernels.Sgd.Update(Upload(Samples.Normal(33, seed: 4)), State(0), parameters);
        Tensors.AssertSameBits(parameters.Read(), values);
    }

    [TestCase(1)]
    [TestCase(5000)]
    public void Update_advances_by_one_step_and_keeps_the_learning_rate(int count)
    {
        DeviceArray<StepState> state = State(41, 0.1f);
        DeviceArray<float> parameters = Upload(new float[count]);
        Kernels.Sgd.Update(parameters, state, parameters);
        Assert.That(state.Read(), Is.EqualTo([new StepState(42, 0.1f)]));
        Kernels.Sgd.Begin(0.01f, state);
        Assert.That(state.Read(), Is.EqualTo([new StepState(0, 0.01f)]));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> parameters = Output(6), wrong = Output(5);
        ArrayView<StepState> state = State(0);
        AssertRejects("gradients", () => Kernels.Sgd.Update(wrong, state, parameters));
        AssertRejects("state", () => Kernels.Sgd.Update(parameters, state.SubView(0, 0), parameters));
        AssertRejects("state", () => Kernels.Sgd.Begin(0.1f, state.SubView(0, 0)));
    }

    void AssertUpdate(float[] parameters, float[] gradients, float rate)
    {
        DeviceArray<float> updated = Upload(parameters);
        Kernels.Sgd.Update(Upload(gradients), State(0, rate), updated);
        (Matrix<double> w, Matrix<double> dw) = (parameters.ToMatrix(1), gradients.ToMatrix(1));
        Matrix<double> allowance = Tolerances.Gamma(2) * (w.PointwiseAbs() + (rate * dw.PointwiseAbs()));
        Tensors.AssertClose(updated.Read(), ReferenceOperations.Sgd(w, dw, rate), Tolerances.Rounding, allowance);
    }
}
