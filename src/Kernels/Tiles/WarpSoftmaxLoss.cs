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

    // Tokens that a quarter takes at a time.
    const int Rows = 4;

    /// <summary>Computes losses and gradients.</summary>
    /// <param name="loss">The operands.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        for (int v = quarter; v < loss.Vocabulary; v += Rows * Float4.Count)
        {
            FourRows rows = Load(logits, stride, v, loss.Vocabulary);
            largest = Max(Max(Max(largest, rows.A), Max(rows.B, rows.C)), rows.D);
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
        for (int v = quarter; v < loss.Vocabulary; v += Rows * Float4.Count)
        {
            FourRows rows = Load(logits, stride, v, loss.Vocabulary);
            sum = sum + Exp(rows.A - largest) + Exp(rows.B - largest) + Exp(rows.C - largest) + Exp(rows.D - largest);
        }
        sum += Exchange(sum, 8);
        sum += Exchange(sum, 16);

        // The two logits first: beside large ones, the logarithm would lose its digits.
        float ownLoss = Scalar.Log(Scalar.Broadcast(sum.At(quarter))).Value + (largest.At(quarter) - target);
        loss.Losses.Write(own, own < loss.Examples ? ownLoss : 0f);

        Float4 ones = Float4.Ones(loss.Examples - example) * Float4.Broadcast(1f / loss.Batch);
        Float4 scale = new(ones.X / sum.X, ones.Y / sum.Y, ones.Z / sum.Z, ones.W / sum.W);
        Float4 targets = loss.Targets.From(example).Fours[0];
        // The exponentials once more: what is written, and read again at once, comes from far away.
        for (int v = quarter; v < loss.Vocabulary; v += Rows * Float4.Count)
        {
            FourRows rows = Load(logits, stride, v, loss.Vocabulary);
            Store(dLogits, stride, v, loss.Vocabulary, Gradient(rows.A - largest, v, targets, scale, ones));
            Store(dLogits, stride, v + Float4.Count, loss.Vocabulary, Gradient(rows.B - largest, v + Float4.Count, targets, scale, ones));
            Store(dLogits, stride, v + (2 * Float4.Count), loss.Vocabulary, Gradient(rows.C - largest, v + (2 * Float4.Count), targets, scale, ones));
            Store(dLogits, stride, v + (3 * Float4.Count), loss.Vocabulary, Gradient(rows.D - largest, v + (3 * Float4.Count), targets, scale, ones));
        }
    }

    // Four tokens of the quarter's, which are on their way at once; beyond the vocabulary what adds nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static FourRows Load(ArrayView<Float4> logits, int stride, int token, int vocabulary) => new(
        Load(logits, stride * token, token < vocabulary), Load(logits, stride * (token + Float4.Count), token + Float4.Count < vocabulary),
        Load(logits, stride * (token + (2 * Float4.Count)), token + (2 * Float4.Count) < vocabulary),
        Load(logits, stride * (token + (3 * Float4.Count)), token + (3 * Float4.Count) < vocabulary));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Load(ArrayView<Float4> logits, int place, bool isWithin)
    {
        Float4 values = Float4.Broadcast(float.NegativeInfinity);
        if (isWithin)
        {
            values = logits[place];
        }
        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(ArrayView<Float4> dLogits, int stride, int token, int vocabulary, Float4 values)
    {
        if (token < vocabulary)
        {
            dLogits[token * stride] = values;
        }
    }

    // (p - onehot) / N, 0 in the padding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Gradient(Float4 shifted, int token, Float4 targets, Float4 scale, Float4 ones)
    {
        var oneHot = new Float4(IsAt(targets.X, token), IsAt(targets.Y, token), IsAt(targets.Z, token), IsAt(targets.W, token));
        return (Exp(shifted) * scale) - (oneHot * ones);
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
