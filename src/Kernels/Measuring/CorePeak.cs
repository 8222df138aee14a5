using System.Diagnostics;
using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Measuring;

/// <summary>The maximum of multiply-adds that one core can do.</summary>
static class CorePeak
{
    const int Chains = 10;
    const int Length = 100_000;

    /// <summary>The median of many rounds.</summary>
    /// <param name="seconds">How long they last at least.</param>
    public static double Gigaflops(double seconds)
    {
        var rounds = new List<double>();
        Rate.Of(seconds, first: 1, count =>
        {
            for (int round = 0; round < count; round++)
            {
                rounds.Add(Gigaflops());
            }
        });
        return rounds.Order().ElementAt(rounds.Count / 2);
    }

    /// <summary>Billions of floating-point operations a second, in the vectors that kernels compute with.</summary>
    public static double Gigaflops()
    {
        var operations = new double[1];
        long start = Stopwatch.GetTimestamp();
        Tile.Run(new MultiplyAdds(operations));
        return operations[0] / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    /// <summary>Chains of multiply-adds, none of which waits for another.</summary>
    /// <param name="Operations">Where the number of operations goes.</param>
    readonly record struct MultiplyAdds(double[] Operations) : ITileOperation
    {
        // They begin unlike each other, or the compiler would compute equal ones once. What nobody uses, it would not compute at all.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TLanes, TMemory>()
            where TLanes : unmanaged, ILanes<TLanes>
            where TMemory : struct, IMemory<TMemory, TLanes>
        {
            TLanes factor = TLanes.Broadcast(0.999f), term = TLanes.Broadcast(0.001f);
            TLanes a = term, b = a + term, c = b + term, d = c + term, e = d + term;
            TLanes f = e + term, g = f + term, h = g + term, i = h + term, j = i + term;
            for (int k = 0; k < Length; k++)
            {
                a = TLanes.MultiplyAdd(a, factor, term);
                b = TLanes.MultiplyAdd(b, factor, term);
                c = TLanes.MultiplyAdd(c, factor, term);
                d = TLanes.MultiplyAdd(d, factor, term);
                e = TLanes.MultiplyAdd(e, factor, term);
                f = TLanes.MultiplyAdd(f, factor, term);
                g = TLanes.MultiplyAdd(g, factor, term);
                h = TLanes.MultiplyAdd(h, factor, term);
                i = TLanes.MultiplyAdd(i, factor, term);
                j = TLanes.MultiplyAdd(j, factor, term);
            }
            float sum = (a + b + c + d + e + f + g + h + i + j).Sum;
            Operations[0] = 2.0 * Chains * TLanes.Count * Length * (float.IsNaN(sum) ? 0 : 1);
        }
    }
}
