using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

/// <summary>What single precision may do to each activation and to its gradient, and assertions of it.</summary>
static class ActivationRounding
{
    /// <summary>Every activation.</summary>
    public static Activation[] All { get; } = [.. Enum.GetValues<Activation>().Where(activation => activation != Activation.None)];

    /// <summary>What the gradient is computed from.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="x">Its inputs.</param>
    public static float[] Source(Activation activation, float[] x) => activation.SlopeTakesInput()
        ? x
        : [.. ReferenceOperations.Activate(activation, x.ToMatrix(x.Length)).Row(0).ToFloats()];

    /// <summary>Asserts outputs.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="x">Its inputs.</param>
    /// <param name="y">Its outputs.</param>
    public static void AssertForward(Activation activation, float[] x, float[] y)
    {
        Matrix<double> inputs = x.ToMatrix(x.Length);
        (Tolerance tolerance, double ofInput) = activation switch
        {
            Activation.Tanh => (Tolerances.Tanh, 0),
            Activation.Relu => (Tolerances.Exact, 0),
            // Beside that of the exponential two roundings.
            Activation.Sigmoid => (new Tolerance(Tolerances.SmallestNormal, Tolerances.ExpAndLog.Relative + Tolerances.Gamma(2)), 0),
            // Φ is half of erf + 1, and x times it is rounded once more.
            Activation.Gelu => (Tolerances.Rounding, (Tolerances.Erf.Relative / 2) + Tolerances.Gamma(3)),
            _ => throw new ArgumentOutOfRangeException(nameof(activation)),
        };
        Tensors.AssertClose(
            y, ReferenceOperations.Activate(activation, inputs), tolerance, ofInput * inputs.PointwiseAbs(), $"{activation}");
    }

    /// <summary>Asserts gradients.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="source">What they were computed from.</param>
    /// <param name="dy">The gradients of the outputs.</param>
    /// <param name="dx">The gradients of the inputs.</param>
    /// <remarks>
    /// y² is rounded before it is taken from 1, which costs digits of the difference where y is close to 1. The slope of gelu is at most
    /// 1.13; Φ is off as above, and x·φ(x) by the exponential's error and by that of its argument, x²/2, times x·φ(x): 0.25 and 0.23 at
    /// most.
    /// </remarks>
    public static void AssertBackward(Activation activation, float[] source, float[] dy, float[] dx)
    {
        double share = activation == Activation.Gelu
            ? (Tolerances.Erf.Relative / 2) + (Tolerances.ExpAndLog.Relative / 4) + Tolerances.Gamma(5)
            : Tolerances.Gamma(3);
        Matrix<double> gradient = dy.ToMatrix(dy.Length);
        Tensors.AssertClose(
            dx, ReferenceOperations.ActivateBackward(activation, source.ToMatrix(source.Length), gradient), Tolerances.Rounding,
            share * gradient.PointwiseAbs(), $"{activation}");
    }
}
