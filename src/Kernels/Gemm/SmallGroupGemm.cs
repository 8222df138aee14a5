using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using LoadedKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, int, ILGPU.ArrayView<float>>;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Matrix products on GPUs whose groups are too small for <see cref="GpuGemm"/>. A thread computes whole tiles of C by
/// <see cref="TileGemm"/>.
/// </summary>
/// <remarks>
/// <para>
/// Each inner product is summed from k = 0 on, whatever the tiles and threads are: the launch shape never changes a result.
/// </para>
/// <para>
/// A and Aᵀ are the same memory with the strides exchanged, but have a kernel each: the compiler then knows which stride is 1. B is
/// transposed first where it lies as Bᵀ, because <see cref="TileGemm"/> needs its rows; beside the product a transpose costs little.
/// </para>
/// </remarks>
sealed class SmallGroupGemm : IGemm
{
    readonly Launcher launcher;
    readonly Workspace transposed;
    readonly LoadedKernel plain;
    readonly LoadedKernel leftTransposed;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, int, ArrayView<float>> transpose;

    public SmallGroupGemm(Launcher launcher)
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
        LoadedKernel kernel = form == GemmForm.LeftTransposed ? leftTransposed : plain;
        (int tileM, int tileN) = (launcher.Shape.ThreadTileRows, launcher.Shape.ThreadTileColumns);
        int tiles = ((size.M + tileM - 1) / tileM) * ((size.N + tileN - 1) / tileN);
        kernel(launcher.Stream, launcher.Over(tiles), a, b, size, tileM, tileN, c);
    }

    public void Plan(LaunchPlan plan, GemmForm form, GemmSize size)
    {
        bool isTransposed = form == GemmForm.RightTransposed;
        if (isTransposed)
        {
            plan.Take<float>(transposed, (long)size.K * size.N);
        }
        plan.Launch(isTransposed ? 2 : 1);
    }

    // One thread for each tile of C.
    static void PlainKernel(ArrayView<float> a, ArrayView<float> b, GemmSize size, int tileM, int tileN, ArrayView<float> c) =>
        MultiplyTiles(new(new(a, 0), size.K), b, size, tileM, tileN, c);

    static void LeftTransposedKernel(ArrayView<float> a, ArrayView<float> b, GemmSize size, int tileM, int tileN, ArrayView<float> c) =>
        MultiplyTiles(new MatrixView(new(a, 0), size.M).Transposed, b, size, tileM, tileN, c);

    static void MultiplyTiles(MatrixView a, ArrayView<float> b, GemmSize size, int tileM, int tileN, ArrayView<float> c)
    {
        var right = new MatrixView(new(b, 0), size.N);
        var result = new MatrixView(new(c, 0), size.N);
        int tilesDown = (size.M + tileM - 1) / tileM;
        int tilesAcross = (size.N + tileN - 1) / tileN;
        for (int tile = GridStride.First, stride = GridStride.Stride; tile < tilesDown * tilesAcross; tile += stride)
        {
            int row = tile / tilesAcross * tileM;
            int column = tile % tilesAcross * tileN;
            Tile.Run(new TileGemm(
                a.From(row, 0), right.From(0, column), result.From(row, column),
                IntrinsicMath.Min(tileM, size.M - row), size.K, IntrinsicMath.Min(tileN, size.N - column)));
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
        int bandRows = launcher.Shape.ThreadTileRows;
        transpose(launcher.Stream, launcher.Over((rows + bandRows - 1) / bandRows), source, rows, columns, bandRows, target);
    }

    LoadedKernel Load(Action<ArrayView<float>, ArrayView<float>, GemmSize, int, int, ArrayView<float>> kernel) =>
        launcher.Accelerator.LoadKernel(kernel);
}
