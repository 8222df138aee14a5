using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The instruction of <see cref="TensorCoreGemm"/>: a warp multiplies fragments, C [16, 8] += A [16, 8]·B [8, 8]. A and B are rounded to
/// TF32, which has the 8 exponent bits of FP32 and 10 fraction bits; products and sums are FP32.
/// </summary>
/// <remarks>
/// Lane 4·g + t holds of A the values (g, t), (g + 8, t), (g, t + 4) and (g + 8, t + 4), of B (t, g) and (t + 4, g), and of C (g, 2t),
/// (g, 2t + 1), (g + 8, 2t) and (g + 8, 2t + 1): PTX ISA, "Matrix Fragments for mma.m16n8k8".
/// </remarks>
interface ITensorCore
{
    /// <summary>Rounds to the nearest value of TF32, ties away from 0. Bits that a multiplication drops may be left.</summary>
    static abstract float Round(float value);

    /// <summary>Half a warp tile + the products of 4 fragments of A and 4 of B, rounded.</summary>
    static abstract HalfWarpTile MultiplyAdd(HalfWarpTile tile, LeftFragments a, RightFragments b);

    /// <summary>c + a·b, for one fragment of each, by the lane's values.</summary>
    static abstract Float4 MultiplyAdd(Float4 a, Float4 b, Float4 c);
}

/// <summary>The tensor cores of CUDA GPUs of compute capability 8.0 and later.</summary>
readonly struct TensorCore : ITensorCore
{
    const uint SignAndExponent = 0xFF800000;
    const float HalfUnit = 1f / 2048;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float value)
    {
        // Tensor cores drop the bits that TF32 does not have, so half a unit in its last place is added: the value's power of two, times
        // 2^-11. Infinity and NaN stay what they are. The conversion cvt.rna.tf32 takes three instructions where this takes two; it would
        // round subnormal numbers, too.
        float power = Interop.IntAsFloat(Interop.FloatAsInt(value) & SignAndExponent);
        return value + (power * HalfUnit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HalfWarpTile MultiplyAdd(HalfWarpTile tile, LeftFragments a, RightFragments b) => tile.MultiplyAdd<TensorCore>(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 MultiplyAdd(Float4 a, Float4 b, Float4 c)
    {
        Input<uint> a0 = Interop.FloatAsInt(a.X), a1 = Interop.FloatAsInt(a.Y), a2 = Interop.FloatAsInt(a.Z), a3 = Interop.FloatAsInt(a.W);
        Input<uint> b0 = Interop.FloatAsInt(b.X), b1 = Interop.FloatAsInt(b.Y);
        Ref<float> c0 = c.X, c1 = c.Y, c2 = c.Z, c3 = c.W;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};",
            ref c0, ref c1, ref c2, ref c3, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new() { X = c0.Value, Y = c1.Value, Z = c2.Value, W = c3.Value };
    }
}

/// <summary>
/// The same in C#, for every backend with warps of 32 threads: tests use it where there are no tensor cores. It shows what they do: in 4
/// turns, each lane gets the values of its rows of A and its columns of B for two k-steps from other lanes.
/// </summary>
readonly struct SimulatedTensorCore : ITensorCore
{
    const uint Fraction = 0x1FFF;
    const uint HalfUnit = 0x1000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float value)
    {
        float rounded = value;
        if (!float.IsNaN(value))
        {
            rounded = Interop.IntAsFloat((Interop.FloatAsInt(value) + HalfUnit) & ~Fraction);
        }
        return rounded;
    }

    public static HalfWarpTile MultiplyAdd(HalfWarpTile tile, LeftFragments a, RightFragments b)
    {
        int rowOwner = Group.IdxX & 28;
        int columnOwner = (Group.IdxX & 3) * 8;
        for (int turn = 0; turn < 4; turn++)
        {
            LeftFragments rows = Warp.Shuffle(a, rowOwner + turn);
            RightFragments left = Warp.Shuffle(b, columnOwner + turn);
            RightFragments right = Warp.Shuffle(b, columnOwner + 4 + turn);
            tile = tile.MultiplyAdd<SimulatedTensorCore>(rows, left.With(right));
        }
        return tile;
    }

    // Two rows of A and two columns of B, for two k-steps.
    public static Float4 MultiplyAdd(Float4 a, Float4 b, Float4 c) => new()
    {
        X = c.X + (a.X * b.X) + (a.Z * b.Y),
        Y = c.Y + (a.X * b.Z) + (a.Z * b.W),
        Z = c.Z + (a.Y * b.X) + (a.W * b.Y),
        W = c.W + (a.Y * b.Z) + (a.W * b.W),
    };
}
