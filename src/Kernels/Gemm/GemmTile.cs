using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using GroupKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, ILGPU.ArrayView<float>, int>;
using Kernel = System.Action<
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>A tile of C that a group computes, and the kernels that do so.</summary>
/// <param name="M">Rows of the tile.</param>
/// <param name="N">Columns of the tile.</param>
/// <param name="K">The depth of the tiles of A and B that it is computed from.</param>
/// <param name="Threads">Threads of the group.</param>
/// <param name="Efficiency">How many multiplications its kernels may reach, roughly, as a share of those that a multiprocessor's threads are capable of.</param>
abstract record GemmTile(int M, int N, int K, int Threads, double Efficiency)
{
    /// <summary>
    /// The tiles of single precision, the largest first. The more outputs a thread has, the more of what it does is multiplications. Sides are 16
    /// times the outputs of a thread, and the depth is such that each thread brings at least four values of each operand.
    /// </summary>
    public static IReadOnlyList<GemmTile> Simt { get; } =
    [
        new SimtTile<StagedLoad, StagedLoad, ThreadTile8<ThreadRow8>, ThreadRow8, EightKSteps>(Efficiency: 0.75),
        new SimtTile<TwiceLoads<TwiceLoads<StagedLoad>>, StagedLoad, ThreadTile8<ThreadRow2>, ThreadRow2, TwiceKSteps<TwiceKSteps<EightKSteps>>>(Efficiency: 0.4),
        new SimtTile<StagedLoad, TwiceLoads<TwiceLoads<StagedLoad>>, ThreadTile2<ThreadRow8>, ThreadRow8, TwiceKSteps<TwiceKSteps<EightKSteps>>>(Efficiency: 0.4),
        new SimtTile<StagedLoad, StagedLoad, ThreadTile4<ThreadRow4>, ThreadRow4, TwiceKSteps<EightKSteps>>(Efficiency: 0.5),
        new SimtTile<StagedLoad, StagedLoad, ThreadTile2<ThreadRow2>, ThreadRow2, TwiceKSteps<TwiceKSteps<EightKSteps>>>(Efficiency: 0.2),
        new SimtTile<StagedLoad, StagedLoad, ThreadTile1<ThreadRow1>, ThreadRow1, TwiceKSteps<TwiceKSteps<TwiceKSteps<EightKSteps>>>>(Efficiency: 0.1),
    ];

    /// <summary>The tile of tensor cores. On an H200 they make a large product about 3.3 times as fast as threads do, and so they rank here.</summary>
    public static GemmTile TensorCores { get; } = new TensorCoreTile<TensorCore>(Efficiency: 2.7);

    /// <summary>The tiles that a precision allows. A product in TF32 that tensor cores would not make faster is computed in single precision.</summary>
    /// <param name="precision">The precision.</param>
    public static IReadOnlyList<GemmTile> Of(Precision precision) => precision == Precision.Tf32 ? [TensorCores, .. Simt] : Simt;

    /// <summary>Loads the kernel for operands that lie in memory in one of the ways that there are.</summary>
    /// <param name="accelerator">Where to.</param>
    /// <param name="layouts">How the operands lie in memory.</param>
    /// <remarks>CUDA's assembler gives a thread as many registers as it wants where it knows how many threads there are.</remarks>
    public GroupKernel Load(Accelerator accelerator, GemmLayout layouts) =>
        accelerator.LoadKernel(KernelFor(layouts), new KernelSpecialization(Threads, null));

    /// <summary>The kernel for operands that lie in memory in a certain way.</summary>
    /// <param name="layouts">How they do.</param>
    protected abstract Kernel KernelFor(GemmLayout layouts);
}

/// <summary>A tile whose outputs threads compute: 16 times 16 of them.</summary>
/// <typeparam name="TLeftPieces">What a thread brings of a tile of A.</typeparam>
/// <typeparam name="TRightPieces">What a thread brings of a tile of B.</typeparam>
/// <typeparam name="TBlock">The outputs of a thread.</typeparam>
/// <typeparam name="TColumns">A row of them.</typeparam>
/// <typeparam name="TSteps">The depth of the tiles of A and B.</typeparam>
sealed record SimtTile<TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>(double Efficiency)
    : GemmTile(SimtGemm.ThreadsAcross * TBlock.Rows, SimtGemm.ThreadsAcross * TColumns.Count, TSteps.Count, SimtGemm.GroupSize, Efficiency)
    where TLeftPieces : unmanaged, IStagedLoads<TLeftPieces>
    where TRightPieces : unmanaged, IStagedLoads<TRightPieces>
    where TBlock : unmanaged, IThreadTile<TBlock, TColumns>
    where TColumns : unmanaged, IThreadRow<TColumns>
    where TSteps : struct, IKSteps
{
    protected override Kernel KernelFor(GemmLayout layouts) => (layouts.Form, layouts.IsLeftAligned) switch
    {
        (GemmForm.LeftTransposed, true) => KernelFor<MnMajor<VectorizedLoad>>(layouts),
        (GemmForm.LeftTransposed, false) => KernelFor<MnMajor<ScalarLoad>>(layouts),
        (_, true) => KernelFor<KMajor<VectorizedLoad>>(layouts),
        (_, false) => KernelFor<KMajor<ScalarLoad>>(layouts),
    };

    static Kernel KernelFor<TLeft>(GemmLayout layouts)
        where TLeft : struct, IOperandMajor => (layouts.Form, layouts.IsRightAligned) switch
        {
            (GemmForm.RightTransposed, true) => KernelFor<TLeft, KMajor<VectorizedLoad>>(),
            (GemmForm.RightTransposed, false) => KernelFor<TLeft, KMajor<ScalarLoad>>(),
            (_, true) => KernelFor<TLeft, MnMajor<VectorizedLoad>>(),
            (_, false) => KernelFor<TLeft, MnMajor<ScalarLoad>>(),
        };

    static Kernel KernelFor<TLeft, TRight>()
        where TLeft : struct, IOperandMajor
        where TRight : struct, IOperandMajor => SimtGemm.SimtGemmKernel<TLeft, TRight, TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>;
}

/// <summary>A tile whose outputs warps compute on tensor cores.</summary>
/// <typeparam name="TTensorCore">The tensor cores.</typeparam>
sealed record TensorCoreTile<TTensorCore>(double Efficiency)
    : GemmTile(SharedFragments.Length, SharedFragments.Length, SharedFragments.K, TensorCoreGemm.GroupSize, Efficiency)
    where TTensorCore : struct, ITensorCore
{
    protected override Kernel KernelFor(GemmLayout layouts) => (layouts.Form, layouts.IsLeftAligned) switch
    {
        (GemmForm.LeftTransposed, true) => KernelFor<MnMajorFragments<VectorizedLoad>>(layouts),
        (GemmForm.LeftTransposed, false) => KernelFor<MnMajorFragments<ScalarLoad>>(layouts),
        (_, true) => KernelFor<KMajorFragments<VectorizedLoad>>(layouts),
        (_, false) => KernelFor<KMajorFragments<ScalarLoad>>(layouts),
    };

    static Kernel KernelFor<TLeft>(GemmLayout layouts)
        where TLeft : struct, IFragmentMajor => (layouts.Form, layouts.IsRightAligned) switch
        {
            (GemmForm.RightTransposed, true) => KernelFor<TLeft, KMajorFragments<VectorizedLoad>>(),
            (GemmForm.RightTransposed, false) => KernelFor<TLeft, KMajorFragments<ScalarLoad>>(),
            (_, true) => KernelFor<TLeft, MnMajorFragments<VectorizedLoad>>(),
            (_, false) => KernelFor<TLeft, MnMajorFragments<ScalarLoad>>(),
        };

    static Kernel KernelFor<TLeft, TRight>()
        where TLeft : struct, IFragmentMajor
        where TRight : struct, IFragmentMajor => TensorCoreGemm.TensorCoreGemmKernel<TLeft, TRight, TTensorCore>;
}
