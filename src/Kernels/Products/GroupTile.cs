using ILGPU;
using ILGPU.Runtime;
using GroupKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Products.ProductSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>A tile of C that a group computes, and the kernels that do so.</summary>
/// <param name="Rows">Rows of the tile: 16 times those of a thread.</param>
/// <param name="Columns">Columns of the tile: 16 times those of a thread.</param>
/// <param name="Depth">The depth of the tiles of A and B that it is computed from; a thread brings at least four values of each.</param>
/// <param name="Efficiency">The share of a multiprocessor's multiplications that its kernels may reach, roughly: the more outputs a thread has, the more
/// of what it does is multiplications.</param>
abstract record GroupTile(int Rows, int Columns, int Depth, double Efficiency)
{
    /// <summary>All tiles, the largest first.</summary>
    public static IReadOnlyList<GroupTile> All { get; } =
    [
        new GroupTile<OnePiece, OnePiece, EightRows<EightColumns>, EightColumns, EightSteps>(Efficiency: 0.75),
        new GroupTile<Both<Both<OnePiece>>, OnePiece, EightRows<TwoColumns>, TwoColumns, TwiceSteps<TwiceSteps<EightSteps>>>(Efficiency: 0.4),
        new GroupTile<OnePiece, Both<Both<OnePiece>>, TwoRows<EightColumns>, EightColumns, TwiceSteps<TwiceSteps<EightSteps>>>(Efficiency: 0.4),
        new GroupTile<OnePiece, OnePiece, FourRows<FourColumns>, FourColumns, TwiceSteps<EightSteps>>(Efficiency: 0.5),
        new GroupTile<OnePiece, OnePiece, TwoRows<TwoColumns>, TwoColumns, TwiceSteps<TwiceSteps<EightSteps>>>(Efficiency: 0.2),
        new GroupTile<OnePiece, OnePiece, OneRow<OneColumn>, OneColumn, TwiceSteps<TwiceSteps<TwiceSteps<EightSteps>>>>(Efficiency: 0.1),
    ];

    /// <summary>Loads a kernel.</summary>
    /// <param name="accelerator">Where to.</param>
    /// <param name="layout">How the operands lie in memory.</param>
    public abstract GroupKernel Load(Accelerator accelerator, OperandLayouts layout);
}

/// <summary>How the operands of a product lie in memory.</summary>
/// <param name="Form">Which is a transpose.</param>
/// <param name="IsLeftAligned">Whether A's rows begin at multiples of 16 bytes.</param>
/// <param name="IsRightAligned">Whether B's do.</param>
readonly record struct OperandLayouts(ProductForm Form, bool IsLeftAligned, bool IsRightAligned);

/// <summary>A tile of C.</summary>
/// <typeparam name="TLeftPieces">What a thread brings of a tile of A.</typeparam>
/// <typeparam name="TRightPieces">What a thread brings of a tile of B.</typeparam>
/// <typeparam name="TBlock">The outputs of a thread.</typeparam>
/// <typeparam name="TColumns">A row of them.</typeparam>
/// <typeparam name="TSteps">The depth of the tiles of A and B.</typeparam>
sealed record GroupTile<TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>(double Efficiency)
    : GroupTile(16 * TBlock.Rows, 16 * TColumns.Count, TSteps.Count, Efficiency)
    where TLeftPieces : unmanaged, IPieces<TLeftPieces>
    where TRightPieces : unmanaged, IPieces<TRightPieces>
    where TBlock : unmanaged, IThreadBlock<TBlock, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
    where TSteps : struct, ISteps
{
    /// <inheritdoc/>
    public override GroupKernel Load(Accelerator accelerator, OperandLayouts layout) => (layout.Form, layout.IsLeftAligned) switch
    {
        (ProductForm.LeftTransposed, true) => Load<AcrossDepth<AtOnce>>(accelerator, layout),
        (ProductForm.LeftTransposed, false) => Load<AcrossDepth<OneByOne>>(accelerator, layout),
        (_, true) => Load<AlongDepth<AtOnce>>(accelerator, layout),
        (_, false) => Load<AlongDepth<OneByOne>>(accelerator, layout),
    };

    static GroupKernel Load<TLeft>(Accelerator accelerator, OperandLayouts layout)
        where TLeft : struct, ILayout => (layout.Form, layout.IsRightAligned) switch
        {
            (ProductForm.RightTransposed, true) => Load<TLeft, AlongDepth<AtOnce>>(accelerator),
            (ProductForm.RightTransposed, false) => Load<TLeft, AlongDepth<OneByOne>>(accelerator),
            (_, true) => Load<TLeft, AcrossDepth<AtOnce>>(accelerator),
            (_, false) => Load<TLeft, AcrossDepth<OneByOne>>(accelerator),
        };

    // That the group's size is known lets CUDA's assembler give each thread as many registers as fit.
    static GroupKernel Load<TLeft, TRight>(Accelerator accelerator)
        where TLeft : struct, ILayout
        where TRight : struct, ILayout =>
        accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ProductSize, int, ArrayView<float>, int>(
            GroupProduct.Kernel<TLeft, TRight, TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>,
            new KernelSpecialization(GroupProduct.GroupSize, null));
}
