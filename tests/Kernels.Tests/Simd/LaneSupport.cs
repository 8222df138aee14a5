using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

/// <summary>Which lanes this processor has.</summary>
static class LaneSupport
{
    /// <summary>Skips the test where the processor lacks the lanes.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    public static void SkipWhereMissing<TLanes>()
    {
        if (typeof(TLanes) == typeof(Avx512Lanes) && !(Vector512.IsHardwareAccelerated && Avx512F.IsSupported))
        {
            Assert.Ignore("this processor has no AVX-512");
        }
        if (typeof(TLanes) == typeof(Avx2Lanes) && !(Vector256.IsHardwareAccelerated && Fma.IsSupported))
        {
            Assert.Ignore("this processor has no AVX2 and FMA");
        }
    }
}
