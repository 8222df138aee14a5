using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// Activations and their derivatives, by the kernels that train. A derivative of 0 lets no gradient pass, which is why a saturated unit
/// learns nothing.
/// </summary>
/// <param name="Curves">The activations.</param>
public sealed record ActivationCurves(IReadOnlyList<ActivationCurve> Curves)
{
    /// <summary>How far from 0 the curves go.</summary>
    public const int Farthest = 10;

    // Steps of a unit of the curve.
    const int Resolution = 20;

    // One line for each activation: its name, its derivative, and the kernels of both.
    static readonly ActivationFunction[] Functions =
    [
        new("tanh", "1 - tanh(x)^2", (k, x, y) => k.Tanh.Forward(x, y), (k, _, y, dy, dx) => k.Tanh.Backward(y, dy, dx)),
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
                function.Name, function.Derivative, function.Evaluate(context.Kernels, fine), function.Evaluate(context.Kernels, coarse))),
        ]);
    }
}

/// <summary>An activation as numbers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Derivative">Its derivative, as a formula.</param>
/// <param name="Points">Points close together from -<see cref="ActivationCurves.Farthest"/> to it, for a picture.</param>
/// <param name="Examples">A few points, also far out.</param>
public sealed record ActivationCurve(
    string Name, string Derivative, IReadOnlyList<ActivationPoint> Points, IReadOnlyList<ActivationPoint> Examples);

/// <summary>A point of an activation.</summary>
/// <param name="X">x.</param>
/// <param name="Y">What the activation gives.</param>
/// <param name="Slope">Its derivative: the gradient of x where that of y is 1.</param>
public sealed record ActivationPoint(float X, float Y, float Slope);

/// <summary>An activation by its kernels.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Derivative">Its derivative, as a formula.</param>
/// <param name="Forward">y from x.</param>
/// <param name="Backward">dx from x, y and dy.</param>
sealed record ActivationFunction(
    string Name, string Derivative,
    Action<KernelSet, ArrayView<float>, ArrayView<float>> Forward,
    Action<KernelSet, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> Backward)
{
    public ActivationPoint[] Evaluate(KernelSet kernels, float[] values)
    {
        float[] ones = [.. Enumerable.Repeat(1f, values.Length)];
        using MemoryBuffer1D<float, Stride1D.Dense> x = kernels.Accelerator.Allocate1D(kernels.Stream, values);
        using MemoryBuffer1D<float, Stride1D.Dense> y = kernels.Accelerator.Allocate1D<float>(values.Length);
        using MemoryBuffer1D<float, Stride1D.Dense> dy = kernels.Accelerator.Allocate1D(kernels.Stream, ones);
        using MemoryBuffer1D<float, Stride1D.Dense> dx = kernels.Accelerator.Allocate1D<float>(values.Length);
        Forward(kernels, x.View, y.View);
        Backward(kernels, x.View, y.View, dy.View, dx.View);
        float[] outputs = kernels.Read<float>(y.View);
        float[] slopes = kernels.Read<float>(dx.View);
        return [.. values.Select((value, i) => new ActivationPoint(value, outputs[i], slopes[i]))];
    }
}
