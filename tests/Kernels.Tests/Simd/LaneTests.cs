using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

/// <summary>What tests of lanes share: arrays that are computed with as lanes.</summary>
/// <typeparam name="TLanes">The lanes.</typeparam>
abstract class LaneTests<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Skips everything where the processor lacks the lanes.</summary>
    [OneTimeSetUp]
    public void SkipWhereMissing() => LaneSupport.SkipWhereMissing<TLanes>();

    /// <summary>Whether the lanes are a register of the processor.</summary>
    protected static bool IsRegister => typeof(TLanes) == typeof(Avx512Lanes) || typeof(TLanes) == typeof(Avx2Lanes);

    /// <summary>Computes with arrays of the same length, as many values at a time as there are lanes.</summary>
    /// <param name="function">What is computed.</param>
    /// <param name="operands">The arrays.</param>
    protected static float[] Map(Func<TLanes[], TLanes> function, params float[][] operands)
    {
        TLanes[][] lanes = Array.ConvertAll(operands, ToLanes);
        TLanes[] results = [.. Enumerable.Range(0, lanes[0].Length).Select(i => function(Array.ConvertAll(lanes, operand => operand[i])))];
        return ToValues(results)[..operands[0].Length];
    }

    /// <summary>Computes with an array, as many values at a time as there are lanes.</summary>
    /// <param name="function">What is computed.</param>
    /// <param name="x">The array.</param>
    protected static float[] Map(Func<TLanes, TLanes> function, float[] x) =>
        ToValues(Array.ConvertAll(ToLanes(x), a => function(a)))[..x.Length];

    /// <summary>What stands in the lanes.</summary>
    /// <param name="lanes">The lanes.</param>
    protected static float[] ToValues(params TLanes[] lanes) => MemoryMarshal.Cast<TLanes, float>(lanes).ToArray();

    static TLanes[] ToLanes(float[] values)
    {
        TLanes[] lanes = new TLanes[(values.Length + TLanes.Count - 1) / TLanes.Count];
        values.CopyTo(MemoryMarshal.Cast<TLanes, float>(lanes.AsSpan()));
        return lanes;
    }
}
