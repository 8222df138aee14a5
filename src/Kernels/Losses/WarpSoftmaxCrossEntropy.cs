using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// Softmax and cross-entropy by a warp, eight examples at a time: four threads share the vocabulary of an example, each taking every fourth token, and merge
/// what they find in one order.
/// </summary>
static class WarpSoftmaxCrossEntropy
{
    /// <summary>Examples of a warp at a time.</summary>
    public const int Examples = WarpLanes.Lanes / Shares;

    // Threads that share an example.
    const int Shares = 4;

    // Tokens that a thread asks for at a time.
    const int Tokens = 2 * Float4.Count;

    /// <summary>Computes losses and gradients.</summary>
    /// <param name="loss">The operands.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in TileSoftmaxCrossEntropy loss)
    {
        for (int first = 0; first < loss.PaddedExamples; first += Examples)
        {
            Run(loss, first + (WarpLanes.Thread / Shares), WarpLanes.Thread % Shares);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Run(in TileSoftmaxCrossEntropy loss, int example, int share)
    {
        float one = example < loss.Examples ? 1f : 0f;
        int target = one == 0f ? 0 : loss.Targets.ReadInteger(example);
        float largest = loss.Logits.Read(example);
        // Taken before its place holds the gradient.
        float targetLogit = loss.Logits.Read((target * loss.RowStride) + example);
        for (int token = share; token < loss.Vocabulary; token += Tokens * Shares)
        {
            TokenLogits logits = TokenLogits.Load(loss, example, token);
            largest = Max(largest, Max(logits.First, logits.Second));
        }
        largest = Max(largest, Warp.ShuffleXor(largest, 1));
        largest = Max(largest, Warp.ShuffleXor(largest, 2));

        float sum = 0f;
        for (int token = share; token < loss.Vocabulary; token += Tokens * Shares)
        {
            TokenLogits logits = TokenLogits.Load(loss, example, token);
            sum += (Exp(logits.First, largest) + Exp(logits.Second, largest)).Sum;
        }
        sum += Warp.ShuffleXor(sum, 1);
        sum += Warp.ShuffleXor(sum, 2);

        // The two logits first: beside large ones, the logarithm would lose its digits.
        float ownLoss = DeviceMath.Log(sum) + (largest - targetLogit);
        if (share == 0)
        {
            loss.Losses.Write(example, one == 0f ? 0f : ownLoss);
        }

        // All have read the target's logit.
        Warp.Barrier();
        float factor = one / loss.Batch;
        float scale = factor / sum;
        // The exponentials once more: what is written, and read again at once, comes from far away.
        for (int token = share; token < loss.Vocabulary; token += Tokens * Shares)
        {
            TokenLogits logits = TokenLogits.Load(loss, example, token);
            StoreGradient(loss, example, token, Exp(logits.First, largest), target, scale, factor);
            StoreGradient(loss, example, token + (Float4.Count * Shares), Exp(logits.Second, largest), target, scale, factor);
        }
    }

    // (p - onehot) / N of four tokens, 0 in the padding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreGradient(in TileSoftmaxCrossEntropy loss, int example, int token, Float4 exponentials, int target, float scale, float factor)
    {
        StoreGradient(loss, example, token, (exponentials.X * scale) - (token == target ? factor : 0f));
        StoreGradient(loss, example, token + Shares, (exponentials.Y * scale) - (token + Shares == target ? factor : 0f));
        StoreGradient(loss, example, token + (2 * Shares), (exponentials.Z * scale) - (token + (2 * Shares) == target ? factor : 0f));
        StoreGradient(loss, example, token + (3 * Shares), (exponentials.W * scale) - (token + (3 * Shares) == target ? factor : 0f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreGradient(in TileSoftmaxCrossEntropy loss, int example, int token, float gradient)
    {
        if (token < loss.Vocabulary)
        {
            loss.DLogits.Write((token * loss.RowStride) + example, gradient);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Exp(Float4 logits, float largest) =>
        new(
        DeviceMath.Exp(logits.X - largest), DeviceMath.Exp(logits.Y - largest), DeviceMath.Exp(logits.Z - largest), DeviceMath.Exp(logits.W - largest));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Max(Float4 a, Float4 b) => Max(Max(Max(a.X, a.Y), Max(a.Z, a.W)), Max(Max(b.X, b.Y), Max(b.Z, b.W)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Max(float a, float b) => Scalar.Max(Scalar.Broadcast(a), Scalar.Broadcast(b)).First;

    // An example's logits of eight tokens, every fourth one; beyond the vocabulary what adds nothing.
    readonly record struct TokenLogits(Float4 First, Float4 Second)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TokenLogits Load(in TileSoftmaxCrossEntropy loss, int example, int token) =>
            new(LoadFour(loss, example, token), LoadFour(loss, example, token + (Float4.Count * Shares)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Float4 LoadFour(in TileSoftmaxCrossEntropy loss, int example, int token) => new(
            LoadOne(loss, example, token), LoadOne(loss, example, token + Shares), LoadOne(loss, example, token + (2 * Shares)),
            LoadOne(loss, example, token + (3 * Shares)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static float LoadOne(in TileSoftmaxCrossEntropy loss, int example, int token) =>
            token < loss.Vocabulary ? loss.Logits.Read((token * loss.RowStride) + example) : float.NegativeInfinity;
    }
}
