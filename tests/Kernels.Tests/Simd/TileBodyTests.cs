using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

/// <summary>The bodies beside each other: a small network's last layer has the same bits wherever no sum has another order.</summary>
[TestFixture]
sealed class TileBodyTests
{
    const int Features = 33, Inputs = 27, Batch = 31, PaddedBatch = 32;

    // The length of each operand in the memory that they share.
    const int OperandLength = 48 * PaddedBatch;

    [Test]
    public void The_access_to_memory_changes_no_bit() => AssertSameBits(TileBody.PortableByView, TileBody.Portable, isNormalized: true);

    [Test]
    public void A_kernel_on_the_CPU_accelerator_runs_the_widest_body()
    {
        TileBody widest = Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? TileBody.Avx512
            : Vector256.IsHardwareAccelerated && Fma.IsSupported ? TileBody.Avx2
            : TileBody.Portable;
        AssertSameBits(TileBody.OfProcessor, widest, isNormalized: true);
    }

    // Without a normalization no sum goes over the lanes.
    [Test]
    public void The_width_of_a_vector_changes_no_bit_of_a_lane() => AssertSameBits(TileBody.Avx512, TileBody.Avx2, isNormalized: false);

    [TestCaseSource(typeof(TileBody), nameof(TileBody.All))]
    public void Each_body_repeats_itself(TileBody body) => AssertSameBits(body, body, isNormalized: true);

    static void AssertSameBits(TileBody body, TileBody other, bool isNormalized)
    {
        body.SkipWhereMissing();
        other.SkipWhereMissing();
        Tensors.AssertSameBits(Layer(body, isNormalized), Layer(other, isNormalized));
    }

    // Everything that the operations leave in memory.
    static float[] Layer(TileBody body, bool isNormalized)
    {
        // The last operand holds the targets: integers, which are all 0.
        using DeviceArray<float> memory = body.Bench.Upload(
            [.. Samples.Normal(11 * OperandLength, seed: 1), .. new float[OperandLength]]);
        ViewMemory Operand(int i) => new(memory, i * OperandLength);
        (ViewMemory weight, ViewMemory x, ViewMemory z, ViewMemory y, ViewMemory losses, ViewMemory dLogits) =
            (Operand(0), Operand(1), Operand(2), Operand(3), Operand(4), Operand(5));
        body.Run(new TileGemm(new(weight, PaddedBatch), new(x, PaddedBatch), new(z, PaddedBatch), Features, Inputs, PaddedBatch));
        if (isNormalized)
        {
            var constants = new BatchNormConstants(Epsilon: 1e-5f, Momentum: 0.1f, RunningStatistic.Variance);
            body.Run(new TileBatchNormForward(
                z, y, Operand(6), Operand(6).From(64), Operand(7), Operand(8), Operand(9), Operand(10),
                constants, Features, Batch, PaddedBatch));
        }
        body.Run(new TileActivationForward(Activation.Tanh, y, y, Features * PaddedBatch));
        body.Run(new TileSoftmaxCrossEntropy(y, Operand(11), losses, dLogits, Features, Batch, PaddedBatch, Batch, PaddedBatch));
        return memory.Read();
    }
}
