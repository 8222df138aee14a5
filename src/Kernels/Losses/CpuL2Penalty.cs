using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// The first half of <see cref="L2Penalty.Add"/> on a processor: Σ w² of each block of weights, in order. Workers share the blocks.
/// </summary>
/// <param name="Weights">w.</param>
/// <param name="Count">How many weights.</param>
/// <param name="Sums">The sums, one for each block.</param>
readonly record struct CpuSquareSums(ViewMemory Weights, int Count, ViewMemory Sums) : IWorkerOperation
{
    /// <summary>Weights of a block.</summary>
    public const int Block = 4096;

    /// <summary>Blocks of some weights.</summary>
    /// <param name="count">How many weights.</param>
    public static int Blocks(int count) => ((count - 1) / Block) + 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory weights = TMemory.At(Weights);
        (int first, int end) = worker.Share(Blocks(Count));
        for (int block = first; block < end; block++)
        {
            int last = IntrinsicMath.Min((block + 1) * Block, Count);
            TLanes sums = default;
            for (int i = block * Block; i < last; i += TLanes.Count)
            {
                TLanes values = weights.LoadPartial(i, last - i);
                sums = TLanes.MultiplyAdd(values, values, sums);
            }
            TMemory.At(Sums).Write(block, sums.Sum);
        }
    }
}

/// <summary>The second half: adds the sums to the loss of the current step. The first worker does this alone.</summary>
/// <param name="Sums">The sums of <see cref="CpuSquareSums"/>.</param>
/// <param name="Blocks">How many.</param>
/// <param name="Factor">What their sum is multiplied by.</param>
/// <param name="State">The step.</param>
/// <param name="Record">The loss of each step, updated.</param>
readonly record struct CpuL2Loss(ViewMemory Sums, int Blocks, float Factor, ViewMemory State, ViewMemory Record) : IWorkerOperation
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
        TMemory sums = TMemory.At(Sums);
        TLanes total = default;
        for (int i = 0; i < Blocks; i += TLanes.Count)
        {
            total += sums.LoadPartial(i, Blocks - i);
        }
        TMemory record = TMemory.At(Record);
        int step = TMemory.At(State).ReadInteger(0);
        record.Write(step, record.Read(step) + (Factor * total.Sum));
    }
}
