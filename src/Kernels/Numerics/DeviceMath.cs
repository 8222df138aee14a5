using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Numerics;

/// <summary>
/// tanh, exp and log of one value in a kernel, with the same accuracy on every backend. A backend's own functions differ: on CUDA, tanh is
/// an approximation with a relative error of 5e-4, which shows in the losses, and exp and log lose digits, too. Relative errors here stay
/// below 5e-7 for tanh and below 2e-7 for exp and log. The formulas are those of <see cref="LaneMath"/>, as in all other kernels.
/// </summary>
public static class DeviceMath
{
    /// <summary>The hyperbolic tangent: saturates at ±1 for every large x, NaN stays NaN.</summary>
    /// <param name="x">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x) => LaneMath.Tanh(Scalar.Broadcast(x)).First;

    /// <summary>e to the power x: 0 below about -104, infinity above about 88.7, NaN stays NaN.</summary>
    /// <param name="x">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => LaneMath.Exp(Scalar.Broadcast(x)).First;

    /// <summary>The natural logarithm: negative infinity at 0, NaN below 0, infinity at infinity.</summary>
    /// <param name="x">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => LaneMath.Log(Scalar.Broadcast(x)).First;
}
