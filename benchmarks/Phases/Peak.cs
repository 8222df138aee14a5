using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Makemore.Gpu.Benchmarks.Phases;

/// <summary>The maximum of multiply-adds that one core can do.</summary>
static class Peak
{
    const int Chains = 10;
    const int Length = 100_000;

    // What nobody uses, the compiler does not compute.
    static float used;

    /// <summary>Billions of floating-point operations a second, in 512-bit vectors.</summary>
    public static double Gigaflops()
    {
        long start = Stopwatch.GetTimestamp();
        used = Vector512.Sum(Run(Vector512.Create(0.999f), Vector512.Create(0.001f)));
        return 2.0 * Chains * Vector512<float>.Count * Length / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    // Each chain waits for nothing but itself. They begin unlike each other, or the compiler would compute equal ones once.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static Vector512<float> Run(Vector512<float> factor, Vector512<float> term)
    {
        Vector512<float> a = term, b = a + term, c = b + term, d = c + term, e = d + term;
        Vector512<float> f = e + term, g = f + term, h = g + term, i = h + term, j = i + term;
        for (int k = 0; k < Length; k++)
        {
            a = Vector512.FusedMultiplyAdd(a, factor, term);
            b = Vector512.FusedMultiplyAdd(b, factor, term);
            c = Vector512.FusedMultiplyAdd(c, factor, term);
            d = Vector512.FusedMultiplyAdd(d, factor, term);
            e = Vector512.FusedMultiplyAdd(e, factor, term);
            f = Vector512.FusedMultiplyAdd(f, factor, term);
            g = Vector512.FusedMultiplyAdd(g, factor, term);
            h = Vector512.FusedMultiplyAdd(h, factor, term);
            i = Vector512.FusedMultiplyAdd(i, factor, term);
            j = Vector512.FusedMultiplyAdd(j, factor, term);
        }
        return a + b + c + d + e + f + g + h + i + j;
    }
}
