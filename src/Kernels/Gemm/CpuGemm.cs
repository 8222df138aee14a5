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
        int length = WorkerScratch(size);
        product.Launch(new(
            form, new(a, 0), new(b, 0), size, new(c, 0), new(scratch.Take<float>((long)length * launcher.Shape.Cores), 0), length));
    }

    public void Plan(LaunchPlan plan, GemmForm form, GemmSize size)
    {
        plan.Take<float>(scratch, (long)WorkerScratch(size) * launcher.Shape.Cores);
        plan.Launch();
    }

    static int WorkerScratch(GemmSize size) => TilePackedGemm.ScratchLength(size.M, size.K, size.N);
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
        Rectangle part = Rectangle.Of(worker, Size.M, Size.N, RowUnit, ColumnUnit);
        new TilePackedGemm(
            left.From(part.Row, 0), right.From(0, part.Column), new MatrixView(C, Size.N).From(part.Row, part.Column), part.Rows, Size.K,
            part.Columns, IsAdded: 0, Factor: 0f, Scratch.From((long)worker.Index * ScratchLength)).Run<TLanes, TMemory>();
    }
}
