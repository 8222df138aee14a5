using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// <see cref="TileSoftmaxCrossEntropy"/> by a warp, for the fused form on CUDA, eight examples at a time: four threads share the vocabulary
/// of an example, each taking every fourth token, and merge maxima and sums by shuffles.
/// </summary>
static class WarpSoftmaxCrossEntropy
{
    /// <summary>Examples that a warp computes at a time.</summary>
    public const int Examples = WarpLanes.Lanes / Threads;

    // Threads that share an example.
    const int Threads = 4;

    // Tokens whose logits a thread has in flight at a time.
    const int TokensPerThread = 2 * Float4.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in TileSoftmaxCrossEntropy loss)
    {
        for (int first = 0; first < loss.PaddedExamples; first += Examples)
        {
            Run(loss, first + (WarpLanes.Thread / Threads), WarpLanes.Thread % Threads);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Run(in TileSoftmaxCrossEntropy loss, int example, int firstToken)
    {
        float mask = example < loss.Examples ? 1f : 0f;
        int target = mask == 0f ? 0 : loss.Targets.ReadInteger(example);
        float maximum = loss.Logits.Read(example);
        // Read now: the gradient may overwrite the logits.
        float targetLogit = loss.Logits.Read((target * loss.RowStride) + example);
        for (int token = firstToken; token < loss.Vocabulary; token += TokensPerThread * Threads)
        {
            TokenLogits logits = TokenLogits.Load(loss, example, token);
            maximum = Max(maximum, Max(logits.First, logits.Second));
        }
        maximum = Max(maximum, Warp.ShuffleXor(maximum, 1));
        maximum = Max(maximum, Warp.ShuffleXor(maximum, 2));

        float sum = 0f;
        for (int token = firstToken; token < loss.Vocabulary; token += TokensPerThread * Threads)
        {
            TokenLogits logits = TokenLogits.Load(loss, example, token);
            sum += (Exp(logits.First, maximum) + Exp(logits.Second, maximum)).Sum;
        }
        sum += Warp.ShuffleXor(sum, 1);
        sum += Warp.ShuffleXor(sum, 2);

        // The difference of the two logits comes first: added to large ones, the logarithm would lose its digits.
        float ownLoss = DeviceMath.Log(sum) + (maximum - targetLogit);
        if (firstToken == 0)
        {
            loss.Losses.Write(example, mask == 0f ? 0f : ownLoss);
        }

        // Race: all four threads of an example read its target's logit, which the gradient of one of them may overwrite.
        Warp.Barrier();
        float factor = mask / loss.Batch;
        float scale = factor / sum;
        // The exponentials are computed again: stored and loaded back at once, they would come from L2.
        for (int token = firstToken; token < loss.Vocabulary; token += TokensPerThread * Threads)
        {
            TokenLogits logits = TokenLogits.Load(loss, example, token);
            StoreGradient(loss, example, token, Exp(logits.First, maximum), target, scale, factor);
            StoreGradient(loss, example, token + (Float4.Count * Threads), Exp(logits.Second, maximum), target, scale, factor);
        }
    }

    // (p - onehot) / N of four tokens, 0 in the padding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreGradient(
        in TileSoftmaxCrossEntropy loss, int example, int token, Float4 exponentials, int target, float scale, float factor)
    {
        StoreGradient(loss, example, token, (exponentials.X * scale) - (token == target ? factor : 0f));
        StoreGradient(loss, example, token + Threads, (exponentials.Y * scale) - (token + Threads == target ? factor : 0f));
        StoreGradient(loss, example, token + (2 * Threads), (exponentials.Z * scale) - (token + (2 * Threads) == target ? factor : 0f));
        StoreGradient(loss, example, token + (3 * Threads), (exponentials.W * scale) - (token + (3 * Threads) == target ? factor : 0f));
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
    static Float4 Exp(Float4 logits, float maximum) =>
        new(
            DeviceMath.Exp(logits.X - maximum), DeviceMath.Exp(logits.Y - maximum),
            DeviceMath.Exp(logits.Z - maximum), DeviceMath.Exp(logits.W - maximum));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Max(Float4 a, Float4 b) => Max(Max(Max(a.X, a.Y), Max(a.Z, a.W)), Max(Max(b.X, b.Y), Max(b.Z, b.W)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Max(float a, float b) => Scalar.Max(Scalar.Broadcast(a), Scalar.Broadcast(b)).First;

    // An example's logits of eight tokens, every fourth one. Beyond the vocabulary they are -∞, whose exponential 0 adds nothing.
    readonly record struct TokenLogits(Float4 First, Float4 Second)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TokenLogits Load(in TileSoftmaxCrossEntropy loss, int example, int token) =>
            new(LoadFloat4(loss, example, token), LoadFloat4(loss, example, token + (Float4.Count * Threads)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Float4 LoadFloat4(in TileSoftmaxCrossEntropy loss, int example, int token) => new(
            LoadLogit(loss, example, token), LoadLogit(loss, example, token + Threads),
            LoadLogit(loss, example, token + (2 * Threads)), LoadLogit(loss, example, token + (3 * Threads)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static float LoadLogit(in TileSoftmaxCrossEntropy loss, int example, int token) =>
            token < loss.Vocabulary ? loss.Logits.Read((token * loss.RowStride) + example) : float.NegativeInfinity;
    }
}
