namespace Makemore.Gpu.Kernels.Tests;

/// <summary>How far a value may be from the expected one: |actual - expected| ≤ absolute + relative·|expected|.</summary>
/// <param name="Absolute">The part that does not depend on the value.</param>
/// <param name="Relative">The part that grows with it.</param>
readonly record struct Tolerance(double Absolute, double Relative);

/// <summary>
/// The tolerances of all tests, and there are no others. They hold on every backend: the kernels use no function that is a backend's own.
/// </summary>
static class Tolerances
{
    /// <summary>Half of the distance from 1 to the next number in single precision.</summary>
    public const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>The same for TF32, which has 10 binary digits after the first.</summary>
    public const double Tf32UnitRoundoff = 1.0 / (1 << 11);

    /// <summary>Below it numbers lose digits, and a device may take them for 0.</summary>
    public const double SmallestNormal = 1.17549435e-38;

    /// <summary>Values that are only copied.</summary>
    public static readonly Tolerance Exact = new(0, 0);

    /// <summary>Values of the forward pass.</summary>
    public static readonly Tolerance Forward = new(2e-6, 2e-6);

    /// <summary>Gradients.</summary>
    public static readonly Tolerance Gradient = new(1e-7, 1e-5);

    /// <summary>What <c>LaneMath</c> promises for tanh where a multiply-add may be rounded twice.</summary>
    public static readonly Tolerance Tanh = new(0, 5e-7);

    /// <summary>What <c>LaneMath</c> promises for erf.</summary>
    public static readonly Tolerance Erf = new(0, 5e-7);

    /// <summary>What <c>LaneMath</c> promises for exp and log; a result too small for a normal number may become 0.</summary>
    public static readonly Tolerance ExpAndLog = new(SmallestNormal, 2e-7);

    /// <summary>What <c>LaneMath</c> promises for tanh on the processor's vectors, where a multiply-add is rounded once.</summary>
    public static readonly Tolerance VectorTanh = new(0, 3e-7);

    /// <summary>Nothing but what an allowance from <see cref="Gamma"/> gives, and terms too small for a normal number.</summary>
    public static readonly Tolerance Rounding = new(1e-34, 0);

    /// <summary>
    /// The bound on what a chain of roundings does to a value, γ = n·u / (1 - n·u): a sum of n products in single precision, in any
    /// order, is within γ·Σ|a·b| (N. J. Higham, "Accuracy and Stability of Numerical Algorithms", chapter 3).
    /// </summary>
    /// <param name="roundings">n: at most as many roundings touch one term on its way into the result.</param>
    public static double Gamma(int roundings) => roundings * UnitRoundoff / (1 - (roundings * UnitRoundoff));
}
