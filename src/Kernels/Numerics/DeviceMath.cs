using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Numerics;

/// <summary>
/// tanh, exp and log in nothing but additions, multiplications and bits, so that they are as good on every backend. A backend's own
/// forms are not: on CUDA, tanh is an approximation with a relative error of 5e-4 that shows in the losses, and exp and log lose
/// digits too. Relative errors here stay below 5e-7 for tanh and below 2e-7 for exp and log.
/// </summary>
/// <remarks>The polynomials are those of the Cephes library (tanhf, expf, logf by S. L. Moshier).</remarks>
static class DeviceMath
{
    const float Log2E = 1.44269504f;

    // ln 2 in two parts: a multiple of the first part by a small whole number is exact.
    const float Ln2High = 0.693359375f;
    const float Ln2Low = -2.12194440e-4f;

    /// <summary>The hyperbolic tangent: saturates at ±1 for every large x, NaN stays NaN.</summary>
    /// <param name="x">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x)
    {
        float magnitude = x < 0 ? -x : x;
        float result;
        if (magnitude < 0.625f)
        {
            // Near 0 the difference below would cancel: an odd polynomial keeps the relative error.
            float z = x * x;
            float p = -5.70498872745e-3f;
            p = (p * z) + 2.06390887954e-2f;
            p = (p * z) - 5.37397155531e-2f;
            p = (p * z) + 1.33314422036e-1f;
            p = (p * z) - 3.33332819422e-1f;
            result = (p * z * magnitude) + magnitude;
        }
        else
        {
            // NaN comes here, since it compares as neither.
            result = 1f - (2f / (Exp(2f * magnitude) + 1f));
        }
        return x < 0 ? -result : result;
    }

    /// <summary>e to the power x: 0 below about -104, infinity above about 88.7, NaN stays NaN.</summary>
    /// <param name="x">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x)
    {
        // Written so that NaN passes through: it compares as neither.
        float bounded = x > 89f ? 89f : x;
        bounded = bounded < -104f ? -104f : bounded;

        // x = n ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^n e^r.
        float scaled = bounded * Log2E;
        int n = (int)(scaled + (scaled < 0f ? -0.5f : 0.5f));
        float r = bounded - (n * Ln2High) - (n * Ln2Low);
        float p = 1.9875691500e-4f;
        p = (p * r) + 1.3981999507e-3f;
        p = (p * r) + 8.3334519073e-3f;
        p = (p * r) + 4.1665795894e-2f;
        p = (p * r) + 1.6666665459e-1f;
        p = (p * r) + 5.0000001201e-1f;
        p = (p * r * r) + r + 1f;

        // 2^n in two factors: at both ends of the range a single one would not be a normal number.
        int half = n >> 1;
        return p * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    /// <summary>The natural logarithm: negative infinity at 0, NaN below 0, infinity at infinity.</summary>
    /// <param name="x">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x)
    {
        if (!(x > 0f))
        {
            return x == 0f ? float.NegativeInfinity : float.NaN;
        }
        if (x > float.MaxValue)
        {
            return x;
        }

        // x = m 2^e with m in [sqrt(1/2), sqrt(2)). A subnormal number is first made normal.
        bool subnormal = x < 1.17549435e-38f;
        uint bits = Interop.FloatAsInt(subnormal ? x * 8388608f : x);
        int exponent = (int)(bits >> 23) - (subnormal ? 149 : 126);
        float m = Interop.IntAsFloat((bits & 0x007FFFFFu) | 0x3F000000u);
        bool low = m < 0.707106781186547524f;
        float e = low ? exponent - 1 : exponent;
        m = low ? m + m - 1f : m - 1f;

        float z = m * m;
        float p = 7.0376836292e-2f;
        p = (p * m) - 1.1514610310e-1f;
        p = (p * m) + 1.1676998740e-1f;
        p = (p * m) - 1.2420140846e-1f;
        p = (p * m) + 1.4249322787e-1f;
        p = (p * m) - 1.6668057665e-1f;
        p = (p * m) + 2.0000714765e-1f;
        p = (p * m) - 2.4999993993e-1f;
        p = (p * m) + 3.3333331174e-1f;
        p = p * m * z;
        p += e * Ln2Low;
        p -= 0.5f * z;
        return m + p + (e * Ln2High);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float PowerOfTwo(int n) => Interop.IntAsFloat((uint)(n + 127) << 23);
}
