using Makemore.Gpu.Model.Experiments;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class ActivationCurvesTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void Tanh_and_its_derivative_are_those_of_mathematics()
    {
        ActivationCurve tanh = ActivationCurves.Run(Context).Curves.Single(curve => curve.Name == "tanh");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tanh.Points.Select(point => point.X), Is.Ordered.Ascending);
            Assert.That(new[] { tanh.Points[0].X, tanh.Points[200].X, tanh.Points[^1].X }, Is.EqualTo(new[] { -10f, 0f, 10f }));
            foreach (ActivationPoint point in tanh.Points.Concat(tanh.Examples))
            {
                double expected = Math.Tanh(point.X);
                Assert.That(point.Y, Is.EqualTo(expected).Within(1e-6), $"at {point.X}");
                Assert.That(point.Slope, Is.EqualTo(1 - (expected * expected)).Within(1e-6), $"at {point.X}");
            }
        }
    }

    // The lecture's question: what is the difference between 50 and 500?
    [Test]
    public void Far_out_tanh_is_1_and_its_derivative_0()
    {
        IReadOnlyList<ActivationPoint> examples = ActivationCurves.Run(Context).Curves[0].Examples;
        foreach (float x in new[] { 50f, 500f })
        {
            Assert.That(examples.Single(point => point.X == x), Is.EqualTo(new ActivationPoint(x, 1, 0)));
        }
    }
}
