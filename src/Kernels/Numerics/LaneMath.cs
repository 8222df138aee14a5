using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Numerics;

/// <summary>
/// tanh, erf, exp and log for kernels on every device, layered and fused: one formula each for all lanes, without branches, so that the
/// digits of a value do not depend on the lane that it falls into. Relative errors stay below 2e-7 for exp and log and below 5e-7 for tanh
/// and erf; for tanh below 3e-7 where a multiply-add is rounded once.
/// </summary>
static class LaneMath
{
    const float Log2E = 1.44269504f;

    // ln 2 in two parts: the first times a small integer is exact.
    const float Ln2High = 0.693359375f;
    const float Ln2Low = -2.12194440e-4f;

    // 1.5·2²³. Adding it rounds a small number to an integer: a float of this size has no bits for a fraction.
    const float RoundingConstant = 12582912f;

    const float SmallestNormal = 1.17549435e-38f;

    /// <summary>
    /// The hyperbolic tangent as a quotient of polynomials, x·(P(x²)/Q(x²)), of degrees 13 and 6 in x. x is clamped to ±9; near there the
    /// quotient goes a little beyond ±1, and is clamped, too. NaN stays NaN. The coefficients are those of the Eigen library.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh<T>(T x)
        where T : unmanaged, ILanes<T>
    {
        T bounded = T.Clamp(x, T.Broadcast(-9f), T.Broadcast(9f));
        T square = bounded * bounded;
        T p = T.Broadcast(-2.76076847742355e-16f);
        p = T.MultiplyAdd(p, square, T.Broadcast(2.00018790482477e-13f));
        p = T.MultiplyAdd(p, square, T.Broadcast(-8.60467152213735e-11f));
        p = T.MultiplyAdd(p, square, T.Broadcast(5.12229709037114e-08f));
        p = T.MultiplyAdd(p, square, T.Broadcast(1.48572235717979e-05f));
        p = T.MultiplyAdd(p, square, T.Broadcast(6.37261928875436e-04f));
        p = T.MultiplyAdd(p, square, T.Broadcast(4.89352455891786e-03f));
        T q = T.Broadcast(1.19825839466702e-06f);
        q = T.MultiplyAdd(q, square, T.Broadcast(1.18534705686654e-04f));
        q = T.MultiplyAdd(q, square, T.Broadcast(2.26843463243900e-03f));
        q = T.MultiplyAdd(q, square, T.Broadcast(4.89352518554385e-03f));
        // The quotient comes first: it is about 1 for tiny x, whereas x·P would be subnormal and lose digits.
        return T.Clamp(bounded * (p / q), T.Broadcast(-1f), T.Broadcast(1f));
    }

    /// <summary>
    /// The error function as a quotient of polynomials, x·(P(x²)/Q(x²)), of degrees 13 and 8 in x. x is clamped to ±4, where the function
    /// is 1 to the last digit. NaN stays NaN. The coefficients are those of the Eigen library.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Erf<T>(T x)
        where T : unmanaged, ILanes<T>
    {
        T bounded = T.Clamp(x, T.Broadcast(-4f), T.Broadcast(4f));
        T square = bounded * bounded;
        T p = T.Broadcast(-2.72614225801306e-10f);
        p = T.MultiplyAdd(p, square, T.Broadcast(2.77068142495902e-08f));
        p = T.MultiplyAdd(p, square, T.Broadcast(-2.10102402082508e-06f));
        p = T.MultiplyAdd(p, square, T.Broadcast(-5.69250639462346e-05f));
        p = T.MultiplyAdd(p, square, T.Broadcast(-7.34990630326855e-04f));
        p = T.MultiplyAdd(p, square, T.Broadcast(-2.95459980854025e-03f));
        p = T.MultiplyAdd(p, square, T.Broadcast(-1.60960333262415e-02f));
        T q = T.Broadcast(-1.45660718464996e-05f);
        q = T.MultiplyAdd(q, square, T.Broadcast(-2.13374055278905e-04f));
        q = T.MultiplyAdd(q, square, T.Broadcast(-1.68282697438203e-03f));
        q = T.MultiplyAdd(q, square, T.Broadcast(-7.37332916720468e-03f));
        q = T.MultiplyAdd(q, square, T.Broadcast(-1.42647390514189e-02f));
        return T.Clamp(bounded * (p / q), T.Broadcast(-1f), T.Broadcast(1f));
    }

    /// <summary>
    /// e to the power x: 0 below about -104, infinity above about 88.7; NaN stays NaN. The polynomial is that of the Cephes library's expf
    /// (S. L. Moshier).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : unmanaged, ILanes<T>
    {
        // x = n·ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^n·e^r.
        T bounded = T.Clamp(x, T.Broadcast(-104f), T.Broadcast(89f));
        T n = Round(T.MultiplyAdd(bounded, T.Broadcast(Log2E), T.Broadcast(RoundingConstant)));
        T r = T.MultiplyAdd(n, T.Broadcast(-Ln2High), bounded);
        r = T.MultiplyAdd(n, T.Broadcast(-Ln2Low), r);
        T p = T.Broadcast(1.9875691500e-4f);
        p = T.MultiplyAdd(p, r, T.Broadcast(1.3981999507e-3f));
        p = T.MultiplyAdd(p, r, T.Broadcast(8.3334519073e-3f));
        p = T.MultiplyAdd(p, r, T.Broadcast(4.1665795894e-2f));
        p = T.MultiplyAdd(p, r, T.Broadcast(1.6666665459e-1f));
        p = T.MultiplyAdd(p, r, T.Broadcast(5.0000001201e-1f));
        p = T.MultiplyAdd(p, r * r, r) + T.Broadcast(1f);

        // 2^n in two factors: at both ends of the range, one factor would not be a normal number.
        T half = Round(T.MultiplyAdd(n, T.Broadcast(0.5f), T.Broadcast(RoundingConstant)));
        return T.Scale(T.Scale(p, half), n - half);
    }

    /// <summary>
    /// The natural logarithm: negative infinity at 0, NaN below 0, infinity at infinity. The polynomial is that of the Cephes library's
    /// logf (S. L. Moshier).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log<T>(T x)
        where T : unmanaged, ILanes<T>
    {
        // x = m·2^e with m in [√½, √2). A subnormal number is first made normal.
        T smallest = T.Broadcast(SmallestNormal);
        T normal = T.Select(x, smallest, x * T.Broadcast(8388608f), x);
        T exponent = T.Exponent(normal) + T.Select(x, smallest, T.Broadcast(-23f), default);
        T m = T.Significand(normal);
        T root = T.Broadcast(0.707106781186547524f);
        T e = T.Select(m, root, exponent - T.Broadcast(1f), exponent);
        m = T.Select(m, root, m + m, m) - T.Broadcast(1f);

        T square = m * m;
        T p = T.Broadcast(7.0376836292e-2f);
        p = T.MultiplyAdd(p, m, T.Broadcast(-1.1514610310e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(1.1676998740e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(-1.2420140846e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(1.4249322787e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(-1.6668057665e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(2.0000714765e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(-2.4999993993e-1f));
        p = T.MultiplyAdd(p, m, T.Broadcast(3.3333331174e-1f));
        p = p * m * square;
        p = T.MultiplyAdd(e, T.Broadcast(Ln2Low), p);
        p = T.MultiplyAdd(square, T.Broadcast(-0.5f), p);
        T positive = T.MultiplyAdd(e, T.Broadcast(Ln2High), m + p);

        // The left operand of each comparison is a variable: with a constant there, CUDA would take NaN for less.
        T notPositive = T.Select(x, default, T.Broadcast(float.NaN), T.Broadcast(float.NegativeInfinity));
        T finite = T.Select(default(T) - x, default, positive, notPositive);
        return T.Select(x, T.Broadcast(float.PositiveInfinity), finite, x);
    }

    // Subtracts the rounding constant from the sum of a small number and it, which leaves the nearest integer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Round<T>(T sum)
        where T : unmanaged, ILanes<T> => sum - T.Broadcast(RoundingConstant);
}
