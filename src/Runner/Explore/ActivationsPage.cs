using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="ActivationCurves"/>.</summary>
static class ActivationsPage
{
    // Where a section says more than its numbers.
    static readonly Dictionary<string, string> Texts = new()
    {
        ["tanh"] = "It squashes whatever it is given between -1 and 1, and 50 as much as 500. Its derivative is what a gradient is "
            + "multiplied by on the way back: 1 at 0, and next to nothing from 3 on. From about 9 on, 32-bit numbers have no room between "
            + "tanh and 1, and the derivative is 0: the input could be anything, and the loss would not change.",
    };

    public static Page Of(ActivationCurves result) => new(
        "Activations and their derivatives", [.. result.Curves.Select(Curve)]);

    static Section Curve(ActivationCurve curve) => new(curve.Name)
    {
        Text = Texts.GetValueOrDefault(curve.Name, ""),
        Grid = new Grid(
            ["x", $"{curve.Name}(x)", curve.Derivative],
            [
                .. curve.Examples.Select(point => (string[])
                    [Cells.Factor(point.X), Cells.Signed(point.Y, 6), Cells.Signed(point.Slope, 6)]),
            ]),
        Pictures =
        [
            new Chart(curve.Name, $"{curve.Name} and its derivative", "x", "y",
            [
                Line($"{curve.Name}(x)", curve, point => point.Y),
                Line(curve.Derivative, curve, point => point.Slope),
            ]),
        ],
    };

    static Series Line(string name, ActivationCurve curve, Func<ActivationPoint, float> value) =>
        new(name, [.. curve.Points.Select(point => (double)point.X)], [.. curve.Points.Select(point => (double)value(point))]);
}
