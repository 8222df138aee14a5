using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// Softmax and cross-entropy, for the fused form by threads and by warps: the loss of each example, and the gradient of the mean loss, (p -
/// onehot) / N. An example lies in each lane, a row for each token; a warp runs <see cref="WarpSoftmaxCrossEntropy"/>. The mathematics is
/// that of <see cref="SoftmaxCrossEntropy"/>.
/// </summary>
/// <param name="Logits">The logits [V, padded batch], from the first of these examples on.</param>
/// <param name="Targets">The examples' targets, integers.</param>
/// <param name="Losses">The losses, 0 in the padding.</param>
/// <param name="DLogits">The gradient of the logits [V, padded batch], 0 in the padding; may be the logits themselves.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Examples">How many examples there are before the padding; may be less than 1.</param>
/// <param name="PaddedExamples">Examples with padding, a multiple of the lanes.</param>
/// <param name="Batch">N, by which the gradient is divided.</param>
/// <param name="RowStride">From a token's row to the next, in values.</param>
readonly record struct TileSoftmaxCrossEntropy(
    ViewMemory Logits, ViewMemory Targets, ViewMemory Losses, ViewMemory DLogits, int Vocabulary, int Examples, int PaddedExamples,
    int Batch, int RowStride) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        if (TLanes.Threads > 1)
        {
            WarpSoftmaxCrossEntropy.Run(this);
            return;
        }
        TMemory logits = TMemory.At(Logits);
        TMemory targets = TMemory.At(Targets);
        TMemory losses = TMemory.At(Losses);
        TMemory dLogits = TMemory.At(DLogits);
        for (int first = 0; first < PaddedExamples; first += TLanes.Count)
        {
            RunVector<TLanes, TMemory>(logits.From(first), targets.From(first), losses.From(first), dLogits.From(first), Examples - first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void RunVector<TLanes, TMemory>(TMemory logits, TMemory targets, TMemory losses, TMemory dLogits, int examples)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes maximum = logits.Load(0);
        for (int v = 1; v < Vocabulary; v++)
        {
            maximum = TLanes.Max(maximum, logits.Load(v * RowStride));
        }

        // The targets' logits are gathered now, into the losses: the exponentials may overwrite the logits.
        int count = examples < TLanes.Count ? examples : TLanes.Count;
        losses.Store(0, default);
        for (int n = 0; n < count; n++)
        {
            losses.Write(n, logits.Read((targets.ReadInteger(n) * RowStride) + n));
        }

        TLanes sum = default;
        for (int v = 0; v < Vocabulary; v++)
        {
            TLanes exponential = LaneMath.Exp(logits.Load(v * RowStride) - maximum);
            dLogits.Store(v * RowStride, exponential);
            sum += exponential;
        }
        TLanes mask = TLanes.Ones(examples);
        // The difference of the two logits comes first: added to large ones, the logarithm would lose its digits.
        losses.Store(0, mask * (LaneMath.Log(sum) + (maximum - losses.Load(0))));

        TLanes scale = mask * TLanes.Broadcast(1f / Batch) / sum;
        for (int v = 0; v < Vocabulary; v++)
        {
            dLogits.Store(v * RowStride, dLogits.Load(v * RowStride) * scale);
        }
        for (int n = 0; n < count; n++)
        {
            int target = (targets.ReadInteger(n) * RowStride) + n;
            dLogits.Write(target, dLogits.Read(target) - (1f / Batch));
        }
    }
}
