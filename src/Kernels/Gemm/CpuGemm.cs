using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Matrix products on processors, by <see cref="CpuProduct"/>: on the CPU accelerator, and on OpenCL devices.</summary>
/// <param name="launcher">Loads and launches the kernel.</param>
sealed class CpuGemm(Launcher launcher) : IGemm
{
    readonly Workspace scratch = new(launcher);
    readonly WorkerKernel<CpuProduct> product = new(launcher);

    public void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c)
    {
        int length = TilePackedGemm.ScratchLength(size.M, size.K, size.N);
        product.Launch(new(
            form, new(a, 0), new(b, 0), size, new(c, 0), new(scratch.Take<float>((long)length * launcher.Shape.Cores), 0), length));
    }
}

/// <summary>
/// A matrix product. Each worker computes one rectangle of C by <see cref="TilePackedGemm"/>, with scratch of its own. No sum is shared, so
/// that neither their number nor where the rectangles begin changes a result.
/// </summary>
/// <param name="Form">Which operand is a transpose in memory.</param>
/// <param name="A">A [M, K], or its transpose.</param>
/// <param name="B">B [K, N], or its transpose.</param>
/// <param name="Size">M, K and N.</param>
/// <param name="C">C [M, N].</param>
/// <param name="Scratch">Memory for each worker.</param>
/// <param name="ScratchLength">Values of it for one worker.</param>
readonly record struct CpuProduct(
    GemmForm Form, ViewMemory A, ViewMemory B, GemmSize Size, ViewMemory C, ViewMemory Scratch, int ScratchLength) : IWorkerOperation
{
    // Where rectangles begin: whole register tiles, and whole vectors of any lanes.
    const int RowUnit = 6;
    const int ColumnUnit = 16;

    // What it costs to copy a row of A or a column of B, in multiply-adds for each step along K.
    const int CopyCost = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        var left = new MatrixView(A, Size.K);
        if (Form == GemmForm.LeftTransposed)
        {
            left = new MatrixView(A, Size.M).Transposed;
        }
        var right = new MatrixView(B, Size.N);
        if (Form == GemmForm.RightTransposed)
        {
            right = new MatrixView(B, Size.K).Transposed;
        }
        int down = Down(Size, worker.Count);
        int across = worker.Count / down;
        if (worker.Index >= down * across)
        {
            return;
        }
        (int row, int rowEnd) = new Worker(worker.Index / across, down).Share(Size.M, RowUnit);
        (int column, int columnEnd) = new Worker(worker.Index % across, across).Share(Size.N, ColumnUnit);
        new TilePackedGemm(
            left.From(row, 0), right.From(0, column), new MatrixView(C, Size.N).From(row, column), rowEnd - row, Size.K, columnEnd - column,
            Scratch.From((long)worker.Index * ScratchLength)).Run<TLanes, TMemory>();
    }

    /// <summary>
    /// How many rectangles lie one upon the other. Of all ways to give each worker one, this is that whose largest takes the least time.
    /// </summary>
    /// <param name="size">M, K and N.</param>
    /// <param name="workers">How many workers there are.</param>
    internal static int Down(GemmSize size, int workers)
    {
        int best = 1;
        float lowest = float.PositiveInfinity;
        for (int down = 1; down <= workers; down++)
        {
            float rows = LargestShare(size.M, RowUnit, down);
            float columns = LargestShare(size.N, ColumnUnit, workers / down);
            float cost = (rows * columns) + (CopyCost * (rows + columns));
            if (cost < lowest)
            {
                best = down;
                lowest = cost;
            }
        }
        return best;
    }

    static int LargestShare(int items, int unit, int workers) => (((((items - 1) / unit) + 1) + workers - 1) / workers) * unit;
}
