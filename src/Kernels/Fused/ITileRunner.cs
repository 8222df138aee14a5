using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// How a worker runs tile operations, and the sizes of its blocks of work that follow from it: a thread, or a warp of a GPU.
/// </summary>
interface ITileRunner
{
    /// <summary>Features of a block of weights whose L2 loss is one value.</summary>
    static abstract int Features { get; }

    /// <summary>The blocks of features that a worker takes. No result depends on them.</summary>
    /// <param name="features">How many features there are for all workers.</param>
    /// <param name="examples">The length of a feature's row.</param>
    /// <param name="worker">Which worker.</param>
    static abstract WorkBlocks BlocksOf(int features, int examples, Worker worker);

    /// <summary>Examples of a block of the loss.</summary>
    static abstract int LossExamples { get; }

    /// <summary>Rows are padded to multiples of this: the lanes.</summary>
    static abstract int Padding { get; }

    /// <summary>A worker's own scratch.</summary>
    /// <param name="scratch">The network's scratch.</param>
    /// <param name="shape">Where that of threads lies in it.</param>
    /// <param name="indexInGroup">Which worker of the group it is.</param>
    static abstract ViewMemory ScratchOf(ViewMemory scratch, in FusedShape shape, int indexInGroup);

    /// <summary>How far a tile's GEMM goes along K, whose padding holds 0.</summary>
    /// <param name="k">K.</param>
    static abstract int GemmK(int k);

    /// <summary>Runs a matrix product.</summary>
    /// <param name="product">The product, or this worker's columns of it.</param>
    /// <param name="n">N of the whole product.</param>
    /// <param name="scratch">The worker's own scratch.</param>
    static abstract void Multiply(TileGemm product, int n, ViewMemory scratch);

    /// <summary>Runs a tile operation.</summary>
    /// <typeparam name="TOperation">The operation.</typeparam>
    /// <param name="operation">The operation and its operands.</param>
    static abstract void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation;
}

/// <summary>Blocks of neighbors that a worker takes one after another.</summary>
/// <param name="First">Where its first block begins.</param>
/// <param name="End">Where its last one ends at the latest.</param>
/// <param name="Step">From a block to its next one.</param>
/// <param name="Size">How many a block has at most.</param>
readonly record struct WorkBlocks(int First, int End, int Step, int Size)
{
    /// <summary>How many the block has that begins here.</summary>
    /// <param name="first">Where it begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CountFrom(int first) => IntrinsicMath.Min(Size, End - first);
}
