using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Gemm;

/// <summary>Rounding to TF32.</summary>
sealed class Tf32RoundingTests
{
    static readonly float[] Numbers =
    [
        .. Samples.Normal(1000, seed: 1), 0f, 1f, 1e-38f, float.Epsilon, float.PositiveInfinity, float.NaN,
        // Halfway between two values, and the nearest numbers on both sides of it.
        .. Samples.Sweep(1f + (1f / 2048) - (1f / (1 << 22)), 1f + (1f / 2048) + (1f / (1 << 22)), step: 1),
        .. Samples.Sweep(2f - (1f / 1024), 2f, step: 511), -0f, float.NegativeInfinity,
    ];

    [Test]
    public void Rounding_gives_the_nearest_value_and_of_two_the_one_farther_from_zero()
    {
        float[] rounded = Array.ConvertAll(Numbers, SimulatedTensorCore.Round);
        Tensors.AssertSameBits(rounded, Array.ConvertAll(Numbers, value => (float)Round(value)));
    }

    [Test]
    public void Tensor_cores_drop_the_rest()
    {
        float[] normal = [.. Numbers.Where(value => !float.IsSubnormal(value))];
        float[] rounded = Array.ConvertAll(
            normal, value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(TensorCore.Round(value)) & 0xFFFFE000));
        Tensors.AssertSameBits(rounded, Array.ConvertAll(normal, SimulatedTensorCore.Round));
    }

    [TestCase(0x7FFFFFFFu)]
    [TestCase(0xFFFFFFFFu)]
    [TestCase(0x7F800001u)]
    public void NaN_stays_NaN(uint bits)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        Assert.That(SimulatedTensorCore.Round(value), Is.NaN);
        Assert.That(BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(TensorCore.Round(value)) & 0xFFFFE000), Is.NaN);
    }

    /// <summary>A number with 10 binary digits after the first; fewer, where single precision has fewer itself.</summary>
    /// <param name="value">The number.</param>
    internal static double Round(float value)
    {
        if (value == 0 || !float.IsFinite(value))
        {
            return value;
        }
        double unit = Math.ScaleB(1, Math.Max(Math.ILogB(value), -126) - 10);
        return Math.Round(value / unit, MidpointRounding.AwayFromZero) * unit;
    }
}

/// <summary>Matrix products on tensor cores: those of a CUDA GPU that has them, simulated ones elsewhere.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.FullWarps))]
sealed class TensorCoreGemmTests(TestBench bench) : KernelTests(bench)
{
    GemmTile Tile => Bench.Accelerator is CudaAccelerator { Architecture.Major: >= 8 }
        ? GemmTile.TensorCores
        : new TensorCoreTile<SimulatedTensorCore>(Efficiency: 1);

    // One tile and less than one multiplication; past a tile along M, N and K, with rows that are aligned and with rows that are not; more
    // tiles along K than there are buffers. Few of each: simulation is slow.
    [TestCase(5, 3, 7)]
    [TestCase(72, 52, 80)]
    [TestCase(132, 20, 8)]
    [TestCase(7, 17, 130)]
    public void Every_form_is_the_product_of_rounded_operands(int m, int k, int n)
    {
        var size = new GemmSize(m, k, n);
        (float[] a, float[] b) = (Samples.Normal(m * k, seed: 1), Samples.Normal(k * n, seed: 2));
        Matrix<double> exact = ReferenceOperations.MatMul(a.ToMatrix(k), b.ToMatrix(n));
        Matrix<double> magnitude = ReferenceOperations.MatMul(a.ToMatrix(k).PointwiseAbs(), b.ToMatrix(n).PointwiseAbs());
        double both = (2 * Tolerances.Tf32UnitRoundoff) + (Tolerances.Tf32UnitRoundoff * Tolerances.Tf32UnitRoundoff);
        foreach (GemmForm form in Enum.GetValues<GemmForm>())
        {
            float[] c = Multiply(GemmPlan.WithSplits(size, Tile).First(), form, size, a, b);
            AssertProduct(c, size, a, b);
            Tensors.AssertClose(c, exact, Tolerances.Rounding, (both + (2 * Tolerances.Gamma(k + 1))) * magnitude, $"{form}");
        }
    }

    [Test]
    public void Splits_of_K_are_summed_and_infinity_and_NaN_reach_their_row_and_no_other()
    {
        var size = new GemmSize(9, 18, 10);
        (float[] a, float[] b) = (Samples.Normal(9 * 18, seed: 5), Samples.Normal(18 * 10, seed: 6));
        (a[18 + 4], a[(3 * 18) + 17]) = (float.PositiveInfinity, float.NaN);
        GemmPlan plan = GemmPlan.WithSplits(size, Tile).Last();
        Assert.That(plan.Splits, Is.EqualTo(2));
        AssertProduct(Multiply(plan, GemmForm.Plain, size, a, b), size, a, b);
    }

    static void AssertProduct(float[] c, GemmSize size, float[] a, float[] b)
    {
        (Matrix<double> left, Matrix<double> right) = (Rounded(a).ToMatrix(size.K), Rounded(b).ToMatrix(size.N));
        Matrix<double> magnitude = ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        Tensors.AssertClose(
            c, ReferenceOperations.MatMul(left, right), Tolerances.Rounding, Tolerances.Gamma(size.K + 1) * magnitude,
            "of rounded operands");
    }

    static float[] Rounded(float[] values) => Array.ConvertAll(values, value => (float)Tf32RoundingTests.Round(value));

    float[] Multiply(GemmPlan plan, GemmForm form, GemmSize size, float[] a, float[] b)
    {
        DeviceArray<float> c = Output(size.M * size.N);
        DeviceArray<float> left = Upload(form == GemmForm.LeftTransposed ? a.ToMatrix(size.K).Transpose().ToFloats() : a);
        DeviceArray<float> right = Upload(form == GemmForm.RightTransposed ? b.ToMatrix(size.N).Transpose().ToFloats() : b);
        new GpuGemm(Bench.Launcher).Multiply(plan, form, left, right, size, c);
        return c.Read();
    }
}
