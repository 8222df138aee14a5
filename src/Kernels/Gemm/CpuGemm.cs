using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using ProductKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, int, ILGPU.ArrayView<float>>;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Matrix products in which a thread computes whole tiles of C: the way of a processor's core, and of groups that are too small for
/// <see cref="GpuGemm"/>.
/// </summary>
/// <remarks>
/// Each inner product is summed from its first term to its last, so that a result does not depend on how many threads there are. A and its
/// transpose are the same memory with its strides exchanged; they are two entry points so that the compiler sees which stride is 1. B is
/// transposed first where it must be: a product reads rows of B, and a transpose costs little beside it.
/// </remarks>
sealed class CpuGemm : IGemm
{
    readonly Launcher launcher;
    readonly Workspace transposed;
    readonly ProductKernel plain;
    readonly ProductKernel leftTransposed;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, int, ArrayView<float>> transpose;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public CpuGemm(Launcher launcher)
    {
        this.launcher = launcher;
        transposed = new Workspace(launcher);
        plain = Load(PlainKernel);
        leftTransposed = Load(LeftTransposedKernel);
        transpose = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, int, ArrayView<float>>(TransposeKernel);
    }

    public void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c)
    {
        if (form == GemmForm.RightTransposed)
        {
            ArrayView<float> right = transposed.Take<float>(b.Length);
            Transpose(b, size.N, size.K, right);
            b = right;
        }
        ProductKernel kernel = form == GemmForm.LeftTransposed ? leftTransposed : plain;
        (int tileRows, int tileColumns) = (launcher.Shape.TileRows, launcher.Shape.TileColumns);
        int tiles = ((size.M + tileRows - 1) / tileRows) * ((size.N + tileColumns - 1) / tileColumns);
        kernel(launcher.Stream, launcher.Over(tiles), a, b, size, tileRows, tileColumns, c);
    }

    // One thread for each tile of C.
    static void PlainKernel(ArrayView<float> a, ArrayView<float> b, GemmSize size, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new(new(a, 0), size.K), b, size, tileRows, tileColumns, c);

    static void LeftTransposedKernel(ArrayView<float> a, ArrayView<float> b, GemmSize size, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new MatrixView(new(a, 0), size.M).Transposed, b, size, tileRows, tileColumns, c);

    static void MultiplyTiles(MatrixView a, ArrayView<float> b, GemmSize size, int tileRows, int tileColumns, ArrayView<float> c)
    {
        var right = new MatrixView(new(b, 0), size.N);
        var result = new MatrixView(new(c, 0), size.N);
        int tilesDown = (size.M + tileRows - 1) / tileRows;
        int tilesAcross = (size.N + tileColumns - 1) / tileColumns;
        for (int tile = GridStride.First, stride = GridStride.Stride; tile < tilesDown * tilesAcross; tile += stride)
        {
            int row = tile / tilesAcross * tileRows;
            int column = tile % tilesAcross * tileColumns;
            Tile.Run(new TileGemm(
                a.From(row, 0), right.From(0, column), result.From(row, column),
                IntrinsicMath.Min(tileRows, size.M - row), size.K, IntrinsicMath.Min(tileColumns, size.N - column)));
        }
    }

    // One thread for each band of rows of the source.
    static void TransposeKernel(ArrayView<float> source, int rows, int columns, int bandRows, ArrayView<float> target)
    {
        var from = new MatrixView(new(source, 0), columns);
        var to = new MatrixView(new(target, 0), rows);
        for (int row = GridStride.First * bandRows, stride = GridStride.Stride * bandRows; row < rows; row += stride)
        {
            Tile.Run(new TileTranspose(from.From(row, 0), to.From(0, row), IntrinsicMath.Min(bandRows, rows - row), columns));
        }
    }

    void Transpose(ArrayView<float> source, int rows, int columns, ArrayView<float> target)
    {
        int bandRows = launcher.Shape.TileRows;
        transpose(launcher.Stream, launcher.Over((rows + bandRows - 1) / bandRows), source, rows, columns, bandRows, target);
    }

    ProductKernel Load(Action<ArrayView<float>, ArrayView<float>, GemmSize, int, int, ArrayView<float>> kernel) =>
        launcher.Accelerator.LoadKernel(kernel);
}
