using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// Softmax and cross-entropy by a warp: a thread has four neighbouring examples, and the warp's four quarters share the vocabulary, each taking every
/// fourth token. What they find is merged in one order.
/// </summary>
/// <remarks>
/// Rows of the batch begin at multiples of 16 bytes.
/// </remarks>
static class WarpSoftmaxLoss
{
    const int QuarterThreads = WarpLanes.Lanes / Float4.Count;

    /// <summary>Computes losses and gradients.</summary>
    /// <param name="loss">The operands.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in SoftmaxLoss loss)
    {
        for (int first = 0; first < loss.PaddedExamples; first += WarpLanes.Lanes)
        {
            Run(loss, first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Run(in SoftmaxLoss loss, int first)
    {
        int quarter = WarpLanes.Thread / QuarterThreads;
        int example = first + (WarpLanes.Thread % QuarterThreads * Float4.Count);
        int stride = loss.RowStride / Float4.Count;
        ArrayView<Float4> logits = loss.Logits.From(example).Fours;
        ArrayView<Float4> dLogits = loss.DLogits.From(example).Fours;
        Float4 largest = logits[0];
        for (int v = quarter; v < loss.Vocabulary; v += Float4.Count)
        {
            largest = Max(largest, logits[v * stride]);
        }
        largest = Max(largest, Exchange(largest, 8));
        largest = Max(largest, Exchange(largest, 16));

        // A quarter's number names the example of a thread's four whose loss it computes. The target's logit is taken before its place holds the gradient.
        int own = example + quarter;
        float target = 0f;
        if (own < loss.Examples)
        {
            target = loss.Logits.Read((loss.Targets.ReadInteger(own) * loss.RowStride) + own);
        }
        Warp.Barrier();

        Float4 sum = default;
        for (int v = quarter; v < loss.Vocabulary; v += Float4.Count)
        {
            Float4 exponential = Exp(logits[v * stride] - largest);
            dLogits[v * stride] = exponential;
            sum += exponential;
        }
        sum += Exchange(sum, 8);
        sum += Exchange(sum, 16);

        // The two logits first: beside large ones, the logarithm would lose its digits.
        float ownLoss = Scalar.Log(Scalar.Broadcast(sum.At(quarter))).Value + (largest.At(quarter) - target);
        loss.Losses.Write(own, own < loss.Examples ? ownLoss : 0f);

        Float4 ones = Float4.Ones(loss.Examples - example) * Float4.Broadcast(1f / loss.Batch);
        Float4 scale = new(ones.X / sum.X, ones.Y / sum.Y, ones.Z / sum.Z, ones.W / sum.W);
        Float4 targets = loss.Targets.From(example).Fours[0];
        for (int v = quarter; v < loss.Vocabulary; v += Float4.Count)
        {
            Float4 oneHot = new(IsAt(targets.X, v), IsAt(targets.Y, v), IsAt(targets.Z, v), IsAt(targets.W, v));
            dLogits[v * stride] = (dLogits[v * stride] * scale) - (oneHot * ones);
        }
    }

    // 1 for the target.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float IsAt(float target, int token) => (int)Interop.FloatAsInt(target) == token ? 1f : 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Max(Float4 a, Float4 b) => new(Max(a.X, b.X), Max(a.Y, b.Y), Max(a.Z, b.Z), Max(a.W, b.W));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Max(float a, float b) => Scalar.Max(Scalar.Broadcast(a), Scalar.Broadcast(b)).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Exp(Float4 x) => new(Exp(x.X), Exp(x.Y), Exp(x.Z), Exp(x.W));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Exp(float x) => LaneMath.Exp(Scalar.Broadcast(x)).Value;

    // What the thread across a bit of the number has: of the same examples, in another quarter.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Exchange(Float4 values, int bit) => new(
        Warp.ShuffleXor(values.X, bit), Warp.ShuffleXor(values.Y, bit), Warp.ShuffleXor(values.Z, bit), Warp.ShuffleXor(values.W, bit));
}
