using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="ActivationCurves"/>.</summary>
static class ActivationsPage
{
    static readonly Dictionary<Activation, string> Texts = new()
    {
        [Activation.Tanh] =
            "It squashes whatever it is given between -1 and 1, and 50 as much as 500. Its derivative is what a gradient is multiplied by "
            + "on the way back: 1 at 0, and next to nothing from 3 on. From about 9 on, 32-bit numbers have no room between tanh and 1, "
            + "and the derivative is 0: the input could be anything, and the loss would not change.",
        [Activation.Relu] =
            "It lets through what is above 0, and with it the whole gradient; below 0 both are 0. A unit that is below 0 for every "
            + "example is dead.",
        [Activation.Sigmoid] =
            "It squashes between 0 and 1. Its derivative is 0.25 at most, so that each layer takes at least three quarters of a gradient "
            + "away.",
        [Activation.Gelu] =
            "x, weighted by the share of the normal distribution that lies below it: close to relu far out, and smooth at 0. Phi and phi "
            + "are that distribution's function and its density.",
    };

    public static Page Of(ActivationCurves result) => new(
        "Activations and their derivatives", [.. result.Curves.Select(Curve)]);

    static Section Curve(ActivationCurve curve)
    {
        string name = Format.Word(curve.Activation);
        return new Section(name)
        {
            Text = Texts[curve.Activation],
            Grid = new Grid(
                ["x", $"{name}(x)", curve.Derivative],
                [
                    .. curve.Examples.Select(point => (string[])
                        [Format.Factor(point.X), Format.Signed(point.Y, 6), Format.Signed(point.Slope, 6)]),
                ]),
            Pictures =
            [
                new Chart(name, $"{name} and its derivative", "x", "y",
                [
                    Line($"{name}(x)", curve, point => point.Y),
                    Line(curve.Derivative, curve, point => point.Slope),
                ]),
            ],
        };
    }

    static Series Line(string name, ActivationCurve curve, Func<ActivationPoint, float> value) =>
        new(name, [.. curve.Points.Select(point => (double)point.X)], [.. curve.Points.Select(point => (double)value(point))]);
}
