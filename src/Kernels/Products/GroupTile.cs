using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using GroupKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Products.ProductSize, int, ILGPU.ArrayView<float>, int>;
using Kernel = System.Action<
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Products.ProductSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>A tile of C that a group computes, and the kernels that do so.</summary>
/// <param name="Rows">Rows of the tile.</param>
/// <param name="Columns">Columns of the tile.</param>
/// <param name="Depth">The depth of the tiles of A and B that it is computed from.</param>
/// <param name="Threads">Threads of the group.</param>
/// <param name="Efficiency">How many multiplications its kernels may reach, roughly, as a share of those that a multiprocessor's threads are capable of.</param>
abstract record GroupTile(int Rows, int Columns, int Depth, int Threads, double Efficiency)
{
    /// <summary>
    /// The tiles of single precision, the largest first. The more outputs a thread has, the more of what it does is multiplications. Sides are 16
    /// times the outputs of a thread, and the depth is such that each thread brings at least four values of each operand.
    /// </summary>
    public static IReadOnlyList<GroupTile> OfThreads { get; } =
    [
        new ThreadsTile<OnePiece, OnePiece, EightRows<EightColumns>, EightColumns, EightSteps>(Efficiency: 0.75),
        new ThreadsTile<Both<Both<OnePiece>>, OnePiece, EightRows<TwoColumns>, TwoColumns, TwiceSteps<TwiceSteps<EightSteps>>>(Efficiency: 0.4),
        new ThreadsTile<OnePiece, Both<Both<OnePiece>>, TwoRows<EightColumns>, EightColumns, TwiceSteps<TwiceSteps<EightSteps>>>(Efficiency: 0.4),
        new ThreadsTile<OnePiece, OnePiece, FourRows<FourColumns>, FourColumns, TwiceSteps<EightSteps>>(Efficiency: 0.5),
        new ThreadsTile<OnePiece, OnePiece, TwoRows<TwoColumns>, TwoColumns, TwiceSteps<TwiceSteps<EightSteps>>>(Efficiency: 0.2),
        new ThreadsTile<OnePiece, OnePiece, OneRow<OneColumn>, OneColumn, TwiceSteps<TwiceSteps<TwiceSteps<EightSteps>>>>(Efficiency: 0.1),
    ];

    /// <summary>The tile of tensor cores. On an H200 they make a large product about 3.3 times as fast as threads do, and so they rank here.</summary>
    public static GroupTile OfTensorCores { get; } = new TensorTile<TensorCore>(Efficiency: 2.7);

    /// <summary>The tiles that a precision allows. A product in TF32 that tensor cores would not make faster is computed in single precision.</summary>
    /// <param name="precision">The precision.</param>
    public static IReadOnlyList<GroupTile> Of(Precision precision) => precision == Precision.Tf32 ? [OfTensorCores, .. OfThreads] : OfThreads;

    /// <summary>Loads the kernel for operands that lie in memory in one of the ways that there are.</summary>
    /// <param name="accelerator">Where to.</param>
    /// <param name="layouts">How the operands lie in memory.</param>
    /// <remarks>CUDA's assembler gives a thread as many registers as it wants where it knows how many threads there are.</remarks>
    public GroupKernel Load(Accelerator accelerator, OperandLayouts layouts) =>
        accelerator.LoadKernel(KernelFor(layouts), new KernelSpecialization(Threads, null));

    /// <summary>The kernel for operands that lie in memory in a certain way.</summary>
    /// <param name="layouts">How they do.</param>
    protected abstract Kernel KernelFor(OperandLayouts layouts);
}

/// <summary>A tile whose outputs threads compute: 16 times 16 of them.</summary>
/// <typeparam name="TLeftPieces">What a thread brings of a tile of A.</typeparam>
/// <typeparam name="TRightPieces">What a thread brings of a tile of B.</typeparam>
/// <typeparam name="TBlock">The outputs of a thread.</typeparam>
/// <typeparam name="TColumns">A row of them.</typeparam>
/// <typeparam name="TSteps">The depth of the tiles of A and B.</typeparam>
sealed record ThreadsTile<TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>(double Efficiency)
    : GroupTile(GroupProduct.ThreadsAcross * TBlock.Rows, GroupProduct.ThreadsAcross * TColumns.Count, TSteps.Count, GroupProduct.GroupSize, Efficiency)
    where TLeftPieces : unmanaged, IPieces<TLeftPieces>
    where TRightPieces : unmanaged, IPieces<TRightPieces>
    where TBlock : unmanaged, IThreadBlock<TBlock, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
    where TSteps : struct, ISteps
{
    /// <inheritdoc/>
    protected override Kernel KernelFor(OperandLayouts layouts) => (layouts.Form, layouts.IsLeftAligned) switch
    {
        (ProductForm.LeftTransposed, true) => KernelFor<AcrossDepth<AtOnce>>(layouts),
        (ProductForm.LeftTransposed, false) => KernelFor<AcrossDepth<OneByOne>>(layouts),
        (_, true) => KernelFor<AlongDepth<AtOnce>>(layouts),
        (_, false) => KernelFor<AlongDepth<OneByOne>>(layouts),
    };

    static Kernel KernelFor<TLeft>(OperandLayouts layouts)
        where TLeft : struct, ILayout => (layouts.Form, layouts.IsRightAligned) switch
        {
            (ProductForm.RightTransposed, true) => KernelFor<TLeft, AlongDepth<AtOnce>>(),
            (ProductForm.RightTransposed, false) => KernelFor<TLeft, AlongDepth<OneByOne>>(),
            (_, true) => KernelFor<TLeft, AcrossDepth<AtOnce>>(),
            (_, false) => KernelFor<TLeft, AcrossDepth<OneByOne>>(),
        };

    static Kernel KernelFor<TLeft, TRight>()
        where TLeft : struct, ILayout
        where TRight : struct, ILayout => GroupProduct.GroupProductKernel<TLeft, TRight, TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>;
}

/// <summary>A tile whose outputs warps compute on tensor cores.</summary>
/// <typeparam name="TTensorCore">The tensor cores.</typeparam>
sealed record TensorTile<TTensorCore>(double Efficiency)
    : GroupTile(FragmentTile.Length, FragmentTile.Length, FragmentTile.Depth, TensorProduct.GroupSize, Efficiency)
    where TTensorCore : struct, ITensorCore
{
    /// <inheritdoc/>
    protected override Kernel KernelFor(OperandLayouts layouts) => (layouts.Form, layouts.IsLeftAligned) switch
    {
        (ProductForm.LeftTransposed, true) => KernelFor<FragmentsAcrossDepth<AtOnce>>(layouts),
        (ProductForm.LeftTransposed, false) => KernelFor<FragmentsAcrossDepth<OneByOne>>(layouts),
        (_, true) => KernelFor<FragmentsAlongDepth<AtOnce>>(layouts),
        (_, false) => KernelFor<FragmentsAlongDepth<OneByOne>>(layouts),
    };

    static Kernel KernelFor<TLeft>(OperandLayouts layouts)
        where TLeft : struct, IFragmentLayout => (layouts.Form, layouts.IsRightAligned) switch
        {
            (ProductForm.RightTransposed, true) => KernelFor<TLeft, FragmentsAlongDepth<AtOnce>>(),
            (ProductForm.RightTransposed, false) => KernelFor<TLeft, FragmentsAlongDepth<OneByOne>>(),
            (_, true) => KernelFor<TLeft, FragmentsAcrossDepth<AtOnce>>(),
            (_, false) => KernelFor<TLeft, FragmentsAcrossDepth<OneByOne>>(),
        };

    static Kernel KernelFor<TLeft, TRight>()
        where TLeft : struct, IFragmentLayout
        where TRight : struct, IFragmentLayout => TensorProduct.TensorProductKernel<TLeft, TRight, TTensorCore>;
}
