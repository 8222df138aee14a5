using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Kernel = System.Action<
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, ILGPU.ArrayView<float>, int>;
using LoadedKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// A block tile on a GPU: the tile of C that a group computes, from tiles of A [M, K] and B [K, N] in shared memory, and the kernels that
/// compute it, one for each layout of the operands.
/// </summary>
/// <param name="M">Rows of the tile.</param>
/// <param name="N">Columns of the tile.</param>
/// <param name="K">How far the tiles of A and B reach along K.</param>
/// <param name="Threads">Threads of the group.</param>
/// <param name="Efficiency">Roughly the share of a multiprocessor's peak of FP32 multiplications that the kernels reach.</param>
abstract record GemmTile(int M, int N, int K, int Threads, double Efficiency)
{
    /// <summary>
    /// The tiles of <see cref="SimtGemm"/>, the largest first. M and N are 16 times a thread tile's rows and columns: larger thread tiles
    /// spend more of their instructions on multiplications, smaller ones fill a GPU with less work. K is large enough that each thread
    /// loads at least one float4 of each operand.
    /// </summary>
    public static IReadOnlyList<GemmTile> Simt { get; } =
    [
        // 128 x 128 x 8
        new SimtTile<StagedLoad, StagedLoad, ThreadTile8<ThreadRow8>, ThreadRow8, EightKSteps>(Efficiency: 0.75),

        // 128 x 32 x 32
        new SimtTile<TwiceLoads<TwiceLoads<StagedLoad>>, StagedLoad, ThreadTile8<ThreadRow2>, ThreadRow2,
            TwiceKSteps<TwiceKSteps<EightKSteps>>>(Efficiency: 0.4),

        // 32 x 128 x 32
        new SimtTile<StagedLoad, TwiceLoads<TwiceLoads<StagedLoad>>, ThreadTile2<ThreadRow8>, ThreadRow8,
            TwiceKSteps<TwiceKSteps<EightKSteps>>>(Efficiency: 0.4),

        // 64 x 64 x 16
        new SimtTile<StagedLoad, StagedLoad, ThreadTile4<ThreadRow4>, ThreadRow4, TwiceKSteps<EightKSteps>>(Efficiency: 0.5),

        // 32 x 32 x 32
        new SimtTile<StagedLoad, StagedLoad, ThreadTile2<ThreadRow2>, ThreadRow2,
            TwiceKSteps<TwiceKSteps<EightKSteps>>>(Efficiency: 0.2),

        // 16 x 16 x 64
        new SimtTile<StagedLoad, StagedLoad, ThreadTile1<ThreadRow1>, ThreadRow1,
            TwiceKSteps<TwiceKSteps<TwiceKSteps<EightKSteps>>>>(Efficiency: 0.1),
    ];

    /// <summary>
    /// The tile of <see cref="TensorCoreGemm"/>, 128 x 128 x 16. Its efficiency is above 1 because the unit is FP32: on an H200 a large
    /// product is about 3.3 times as fast on tensor cores.
    /// </summary>
    public static GemmTile TensorCores { get; } = new TensorCoreTile<TensorCore>(Efficiency: 2.7);

    /// <summary>
    /// The tiles that a precision allows. TF32 allows FP32, too: it is faster for small products, which cannot fill the one tile of the
    /// tensor cores.
    /// </summary>
    /// <param name="precision">The precision.</param>
    public static IReadOnlyList<GemmTile> Of(Precision precision) => precision == Precision.Tf32 ? [TensorCores, .. Simt] : Simt;

    /// <summary>Compiles and loads the kernel for a layout.</summary>
    /// <param name="accelerator">The GPU.</param>
    /// <param name="layout">How the operands lie in memory.</param>
    /// <remarks>
    /// The kernel is specialized for its number of threads: CUDA's assembler then knows how many registers a thread may have.
    /// </remarks>
    public LoadedKernel Load(Accelerator accelerator, GemmLayout layout) =>
        accelerator.LoadKernel(KernelFor(layout), new KernelSpecialization(Threads, null));

    /// <summary>The kernel of this tile for two operands. Each kind of tile uses the types of its own kernel.</summary>
    /// <typeparam name="TLeft">How A lies in memory, for <see cref="SimtGemm"/>.</typeparam>
    /// <typeparam name="TLeftFragments">The same for <see cref="TensorCoreGemm"/>.</typeparam>
    /// <typeparam name="TRight">How B lies in memory, for <see cref="SimtGemm"/>.</typeparam>
    /// <typeparam name="TRightFragments">The same for <see cref="TensorCoreGemm"/>.</typeparam>
    protected abstract Kernel KernelFor<TLeft, TLeftFragments, TRight, TRightFragments>()
        where TLeft : struct, IOperandMajor
        where TLeftFragments : struct, IFragmentMajor
        where TRight : struct, IOperandMajor
        where TRightFragments : struct, IFragmentMajor;

    // A [M, K] is K-major, and MN-major as its transpose.
    Kernel KernelFor(GemmLayout layout) => (layout.Form, layout.IsLeftAligned) switch
    {
        (GemmForm.LeftTransposed, true) => KernelFor<MnMajor<VectorizedLoad>, MnMajorFragments<VectorizedLoad>>(layout),
        (GemmForm.LeftTransposed, false) => KernelFor<MnMajor<ScalarLoad>, MnMajorFragments<ScalarLoad>>(layout),
        (_, true) => KernelFor<KMajor<VectorizedLoad>, KMajorFragments<VectorizedLoad>>(layout),
        (_, false) => KernelFor<KMajor<ScalarLoad>, KMajorFragments<ScalarLoad>>(layout),
    };

    // B [K, N] is MN-major, and K-major as its transpose.
    Kernel KernelFor<TLeft, TLeftFragments>(GemmLayout layout)
        where TLeft : struct, IOperandMajor
        where TLeftFragments : struct, IFragmentMajor => (layout.Form, layout.IsRightAligned) switch
        {
            (GemmForm.RightTransposed, true) =>
                KernelFor<TLeft, TLeftFragments, KMajor<VectorizedLoad>, KMajorFragments<VectorizedLoad>>(),
            (GemmForm.RightTransposed, false) => KernelFor<TLeft, TLeftFragments, KMajor<ScalarLoad>, KMajorFragments<ScalarLoad>>(),
            (_, true) => KernelFor<TLeft, TLeftFragments, MnMajor<VectorizedLoad>, MnMajorFragments<VectorizedLoad>>(),
            (_, false) => KernelFor<TLeft, TLeftFragments, MnMajor<ScalarLoad>, MnMajorFragments<ScalarLoad>>(),
        };
}

/// <summary>A block tile of <see cref="SimtGemm"/>: 16 x 16 thread tiles.</summary>
/// <typeparam name="TLeftLoads">The staged loads of a thread from A.</typeparam>
/// <typeparam name="TRightLoads">The staged loads of a thread from B.</typeparam>
/// <typeparam name="TThreadTile">The outputs of a thread.</typeparam>
/// <typeparam name="TThreadRow">A row of them.</typeparam>
/// <typeparam name="TKSteps">The tile's k-steps.</typeparam>
sealed record SimtTile<TLeftLoads, TRightLoads, TThreadTile, TThreadRow, TKSteps>(double Efficiency) : GemmTile(
    SimtGemm.ThreadsAcross * TThreadTile.Rows, SimtGemm.ThreadsAcross * TThreadRow.Count, TKSteps.Count, SimtGemm.GroupSize, Efficiency)
    where TLeftLoads : unmanaged, IStagedLoads<TLeftLoads>
    where TRightLoads : unmanaged, IStagedLoads<TRightLoads>
    where TThreadTile : unmanaged, IThreadTile<TThreadTile, TThreadRow>
    where TThreadRow : unmanaged, IThreadRow<TThreadRow>
    where TKSteps : struct, IKSteps
{
    protected override Kernel KernelFor<TLeft, TLeftFragments, TRight, TRightFragments>() =>
        SimtGemm.SimtGemmKernel<TLeft, TRight, TLeftLoads, TRightLoads, TThreadTile, TThreadRow, TKSteps>;
}

/// <summary>The block tile of <see cref="TensorCoreGemm"/>: 2 x 2 warp tiles.</summary>
/// <typeparam name="TTensorCore">The tensor cores, or their simulation.</typeparam>
sealed record TensorCoreTile<TTensorCore>(double Efficiency) : GemmTile(
    SharedFragments.Lines, SharedFragments.Lines, SharedFragments.K, TensorCoreGemm.GroupSize, Efficiency)
    where TTensorCore : struct, ITensorCore
{
    protected override Kernel KernelFor<TLeft, TLeftFragments, TRight, TRightFragments>() =>
        TensorCoreGemm.TensorCoreGemmKernel<TLeftFragments, TRightFragments, TTensorCore>;
}
