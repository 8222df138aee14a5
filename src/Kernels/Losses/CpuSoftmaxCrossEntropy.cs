using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// <c>SoftmaxCrossEntropy.LossAndGradient</c>, or the losses alone, on a processor. Workers share the rows.
/// </summary>
/// <param name="Logits">Logits [N, V].</param>
/// <param name="Targets">Targets [N].</param>
/// <param name="Batch">N.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Losses">The rows' losses [N].</param>
/// <param name="DLogits">The gradient of the logits [N, V]; anything, where only the losses are asked for.</param>
/// <param name="HasGradient">1 for the gradient, too; 0 for the losses alone.</param>
readonly record struct CpuSoftmaxCrossEntropy(
    ViewMemory Logits, ViewMemory Targets, int Batch, int Vocabulary, ViewMemory Losses, ViewMemory DLogits, int HasGradient)
    : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory targets = TMemory.At(Targets);
        TMemory losses = TMemory.At(Losses);
        (int first, int end) = worker.Share(Batch);
        for (int n = first; n < end; n++)
        {
            TMemory logits = TMemory.At(Logits).From((long)n * Vocabulary);
            int target = targets.ReadInteger(n);
            float maximum = Largest<TLanes, TMemory>(logits);
            TLanes maximums = TLanes.Broadcast(maximum);
            TLanes sums = default;
            for (int v = 0; v < Vocabulary; v += TLanes.Count)
            {
                sums += LaneMath.Exp(Load<TLanes, TMemory>(logits, v) - maximums);
            }
            float sum = sums.Sum;
            // The difference of the two logits comes first: added to large ones, the logarithm would lose its digits.
            losses.Write(n, LaneMath.Log(TLanes.Broadcast(sum)).First + (maximum - logits.Read(target)));
            if (HasGradient != 0)
            {
                StoreGradient<TLanes, TMemory>(logits, target, maximums, sum, TMemory.At(DLogits).From((long)n * Vocabulary));
            }
        }
    }

    // (p - onehot) / N of a row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void StoreGradient<TLanes, TMemory>(TMemory logits, int target, TLanes maximums, float sum, TMemory dLogits)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sums = TLanes.Broadcast(sum);
        TLanes batch = TLanes.Broadcast(Batch);
        float probability = (LaneMath.Exp(TLanes.Broadcast(logits.Read(target)) - maximums) / sums).First;
        for (int v = 0; v < Vocabulary; v += TLanes.Count)
        {
            int count = Vocabulary - v;
            TLanes probabilities = LaneMath.Exp(logits.LoadPartial(v, count) - maximums) / sums;
            dLogits.StorePartial(v, count, probabilities / batch);
        }
        dLogits.Write(target, (probability - 1f) / Batch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    float Largest<TLanes, TMemory>(TMemory logits)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes largest = Load<TLanes, TMemory>(logits, 0);
        for (int v = TLanes.Count; v < Vocabulary; v += TLanes.Count)
        {
            largest = TLanes.Max(largest, Load<TLanes, TMemory>(logits, v));
        }
        return largest.Largest;
    }

    // Logits from a token on. Behind the last one there is minus infinity, which is no maximum, and adds nothing to a sum of exponentials.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    TLanes Load<TLanes, TMemory>(TMemory logits, int token)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int count = Vocabulary - token;
        return count >= TLanes.Count
            ? logits.Load(token)
            : TLanes.Select(
                TLanes.Ones(count), TLanes.Broadcast(0.5f), TLanes.Broadcast(float.NegativeInfinity), logits.LoadPartial(token, count));
    }
}

/// <summary><see cref="SoftmaxCrossEntropy.Mean"/> on a processor. The first worker does this alone.</summary>
/// <param name="Losses">The rows' losses [N].</param>
/// <param name="Batch">N.</param>
/// <param name="State">The step.</param>
/// <param name="Record">The mean loss of each step.</param>
readonly record struct CpuMeanLoss(ViewMemory Losses, int Batch, ViewMemory State, ViewMemory Record) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        if (worker.Index != 0)
        {
            return;
        }
        TMemory losses = TMemory.At(Losses);
        TLanes sums = default;
        for (int n = 0; n < Batch; n += TLanes.Count)
        {
            sums += losses.LoadPartial(n, Batch - n);
        }
        TMemory.At(Record).Write(TMemory.At(State).ReadInteger(0), sums.Sum / Batch);
    }
}
