using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>
/// Floating-point operations for one value of what the kernels compute by polynomials, as <c>LaneMath</c> and <c>ActivationMath</c> spell
/// it: a multiply-add is two, and a sum, a product, a quotient, a minimum and a maximum is one each.
/// </summary>
static class ElementaryCosts
{
    /// <summary>e to the power x: 10 multiply-adds, and 9 others.</summary>
    public const int Exp = 29;

    /// <summary>The error function: 10 multiply-adds, and 7 others.</summary>
    public const int Erf = 27;

    /// <summary>The hyperbolic tangent: 9 multiply-adds, and 7 others.</summary>
    public const int Tanh = 25;

    /// <summary>y from x.</summary>
    /// <param name="activation">The activation.</param>
    public static int Value(Activation activation) => activation switch
    {
        Activation.Tanh => Tanh,
        Activation.Relu => 1,
        Activation.Sigmoid => Exp + 3,
        Activation.Gelu => GeluDistribution + 1,
        _ => throw NoCost(activation),
    };

    /// <summary>dx from dy, and from y or x.</summary>
    /// <param name="activation">The activation.</param>
    public static int Slope(Activation activation) => activation switch
    {
        Activation.Tanh => 3,
        Activation.Relu => 2,
        Activation.Sigmoid => 3,
        Activation.Gelu => GeluDistribution + Exp + 8,
        _ => throw NoCost(activation),
    };

    // Φ(x) by erf: a product before it, and a multiply-add after it.
    const int GeluDistribution = Erf + 3;

    static ArgumentOutOfRangeException NoCost(Activation activation) => new(nameof(activation), activation, "it has no kernels");
}
