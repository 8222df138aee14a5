using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// Activations and their derivatives, by the kernels that train. A derivative of 0 lets no gradient pass, which is why a saturated unit
/// learns nothing.
/// </summary>
/// <param name="Curves">The activations.</param>
sealed record ActivationCurves(IReadOnlyList<ActivationCurve> Curves)
{
    /// <summary>How far from 0 the curves go.</summary>
    public const int Farthest = 10;

    // Steps of a unit of the curve.
    const int Resolution = 20;

    static readonly (Activation Activation, string Derivative)[] Functions =
    [
        (Activation.Tanh, "1 - tanh(x)^2"),
        (Activation.Relu, "1 above 0, else 0"),
        (Activation.Sigmoid, "sigmoid(x) (1 - sigmoid(x))"),
        (Activation.Gelu, "Phi(x) + x phi(x)"),
    ];

    // Of both signs.
    static readonly float[] Magnitudes = [500, 50, 10, 5, 3, 2, 1, 0.5f];

    /// <summary>Runs every activation forward and backward.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    public static ActivationCurves Run(ExperimentContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        const int Steps = Farthest * Resolution;
        float[] fine = [.. Enumerable.Range(-Steps, (2 * Steps) + 1).Select(step => (float)step / Resolution)];
        float[] coarse = [.. Magnitudes.Select(magnitude => -magnitude), 0, .. Magnitudes.Reverse()];
        return new ActivationCurves(
        [
            .. Functions.Select(function => new ActivationCurve(
                function.Activation, function.Derivative, Evaluate(context.Kernels, function.Activation, fine),
                Evaluate(context.Kernels, function.Activation, coarse))),
        ]);
    }

    static ActivationPoint[] Evaluate(KernelSet kernels, Activation activation, float[] values)
    {
        using var store = new TensorStore(kernels.Launcher, withGradients: true);
        Tensor x = store.Add("x", values.Length), y = store.Add("y", values.Length), ones = store.Add("ones", values.Length);
        x.Set(values);
        ones.Set([.. Enumerable.Repeat(1f, values.Length)]);
        var layer = new ActivationLayer(kernels, activation, width: 1);
        layer.Forward(x.Data, values.Length, Pass.Training, y.Data);
        layer.Backward(x.Data, y.Data, ones.Data, values.Length, x.Gradient);
        (float[] outputs, float[] slopes) = (y.ToArray(), x.GradientToArray());
        return [.. values.Select((value, i) => new ActivationPoint(value, outputs[i], slopes[i]))];
    }
}

/// <summary>An activation as numbers.</summary>
/// <param name="Activation">Which.</param>
/// <param name="Derivative">Its derivative, as a formula.</param>
/// <param name="Points">Points close together from -<see cref="ActivationCurves.Farthest"/> to it, for a picture.</param>
/// <param name="Examples">A few points, also far out.</param>
sealed record ActivationCurve(
    Activation Activation, string Derivative, IReadOnlyList<ActivationPoint> Points, IReadOnlyList<ActivationPoint> Examples);

/// <summary>A point of an activation.</summary>
/// <param name="X">x.</param>
/// <param name="Y">What the activation gives.</param>
/// <param name="Slope">Its derivative: the gradient of x where that of y is 1.</param>
sealed record ActivationPoint(float X, float Y, float Slope);
