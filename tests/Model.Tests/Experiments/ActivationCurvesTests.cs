using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Experiments;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class ActivationCurvesTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void There_is_a_curve_of_each_activation() => Assert.That(
        ActivationCurves.Run(Context).Curves.Select(curve => curve.Activation),
        Is.EqualTo(Enum.GetValues<Activation>().Where(activation => activation != Activation.None)));

    [TestCase(Activation.Relu)]
    [TestCase(Activation.Sigmoid)]
    [TestCase(Activation.Gelu)]
    public void A_derivative_is_the_slope_of_its_curve(Activation activation)
    {
        IReadOnlyList<ActivationPoint> points = ActivationCurves.Run(Context).Curves.Single(curve => curve.Activation == activation).Points;
        using (Assert.EnterMultipleScope())
        {
            // Between two points it is that at one of them or between the two, but for what bends: 0.05²/12 of a third derivative below 1.
            foreach ((ActivationPoint one, ActivationPoint other) in points.Zip(points.Skip(1)))
            {
                double slope = ((double)other.Y - one.Y) / ((double)other.X - one.X);
                (double low, double high) = (Math.Min(one.Slope, other.Slope), Math.Max(one.Slope, other.Slope));
                Assert.That(slope, Is.InRange(low - 1e-3, high + 1e-3), $"at {one.X}");
            }
        }
    }

    [Test]
    public void Tanh_and_its_derivative_are_those_of_mathematics()
    {
        ActivationCurve tanh = ActivationCurves.Run(Context).Curves.Single(curve => curve.Activation == Activation.Tanh);
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
