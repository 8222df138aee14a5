using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>The bias of a linear layer, added to every row, and its gradient.</summary>
/// <remarks>
/// <para>For x [N, H] and b [H]:</para>
/// <code>
/// forward     y = x + b, in place     [N, H]
/// backward    db = Σ dy over rows     [H]        dx = dy
/// </code>
/// <para>Cost: forward NH + H reads and NH writes; backward NH reads and H writes; NH additions each.</para>
/// <para>
/// Runs as: <see cref="CpuBiasAdd"/> and <see cref="CpuColumnSums"/> on the CPU accelerator and on OpenCL devices that are processors;
/// <c>GpuAddKernel</c> of this class and <see cref="Reductions.ColumnSums"/> on GPUs. The fused kernel, by threads and by warps, runs
/// <see cref="TileBiasForward"/> and <see cref="TileBiasUpdate"/>; by warp groups it runs <c>WarpGroupLayer</c>. The lecture's small steps
/// use this class.
/// </para>
/// <para>Reference: <c>ReferenceOperations.AddBias</c>, <c>ReferenceOperations.ColumnSums</c>.</para>
/// </remarks>
public sealed class Bias
{
    readonly Launcher launcher;
    readonly WorkerKernel<CpuBiasAdd> cpuAdd;
    readonly WorkerKernel<CpuColumnSums> cpuColumnSums;
    readonly ColumnSums gpuColumnSums;
    readonly LaneForms<Action<ArrayView<float>, int, int, ArrayView<float>>> gpuAdd;

    /// <summary>The bias, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal Bias(Launcher launcher)
    {
        this.launcher = launcher;
        cpuAdd = new WorkerKernel<CpuBiasAdd>(launcher);
        cpuColumnSums = new WorkerKernel<CpuColumnSums>(launcher);
        gpuColumnSums = new ColumnSums(launcher);
        gpuAdd = new(LoadAdd<Quad>, LoadAdd<Scalar>);
    }

    /// <summary>Adds the bias to every row, in place.</summary>
    /// <param name="bias">b [H].</param>
    /// <param name="rows">N: rows of x.</param>
    /// <param name="columns">H: columns of x.</param>
    /// <param name="x">x [N, H]; becomes x + b.</param>
    internal void Add(ArrayView<float> bias, int rows, int columns, ArrayView<float> x)
    {
        ViewChecks.CheckLength(bias, columns);
        ViewChecks.CheckLength(x, (long)rows * columns);
        if (launcher.Shape.IsGpu)
        {
            gpuAdd.ForColumns(columns, bias, x)(bias, rows, columns, x);
        }
        else
        {
            cpuAdd.Launch(new(new(bias, 0), rows, columns, new(x, 0)));
        }
    }

    /// <summary>The gradient of the bias: the sum of each column of dy.</summary>
    /// <param name="dy">The gradient of x + b [N, H].</param>
    /// <param name="rows">N: rows of dy.</param>
    /// <param name="columns">H: columns of dy.</param>
    /// <param name="dBias">The gradient of b [H].</param>
    internal void ColumnSums(ArrayView<float> dy, int rows, int columns, ArrayView<float> dBias)
    {
        ViewChecks.CheckLength(dy, (long)rows * columns);
        ViewChecks.CheckLength(dBias, columns);
        if (launcher.Shape.IsGpu)
        {
            gpuColumnSums.Sum(dy, rows, columns, dBias);
        }
        else
        {
            cpuColumnSums.Launch(new(new(dy, 0), rows, columns, new(dBias, 0)));
        }
    }

    /// <summary>Adds the bias to every row, in place.</summary>
    /// <param name="bias">b [H].</param>
    /// <param name="x">x [N, H]; becomes x + b.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Add(Tensor bias, Tensor x)
    {
        (int rows, int columns) = TensorChecks.Matrix(launcher, x);
        TensorChecks.CheckShape(launcher, bias, [columns]);
        Add(bias.Data, rows, columns, x.Data);
    }

    /// <summary>The gradient of the bias: the sum of each column of dy.</summary>
    /// <param name="dy">The gradient of x + b [N, H].</param>
    /// <param name="dBias">The gradient of b [H].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void ColumnSums(Tensor dy, Tensor dBias)
    {
        (int rows, int columns) = TensorChecks.Matrix(launcher, dy);
        TensorChecks.CheckShape(launcher, dBias, [columns]);
        ColumnSums(dy.Data, rows, columns, dBias.Data);
    }

    /// <summary>Tells what <see cref="ColumnSums(ArrayView{float}, int, int, ArrayView{float})"/> takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="rows">N: rows of dy.</param>
    /// <param name="columns">H: columns of dy.</param>
    internal void PlanColumnSums(LaunchPlan plan, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (launcher.Shape.IsGpu)
        {
            gpuColumnSums.Plan(plan, rows, columns);
        }
        else
        {
            plan.Launch();
        }
    }

    Action<ArrayView<float>, int, int, ArrayView<float>> LoadAdd<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<T>>(GpuAddKernel);
        return (bias, rows, columns, x) =>
        {
            var split = ColumnSplit.For<T>(launcher.Shape, rows, columns / T.Count);
            kernel(launcher.Stream, split.Over(launcher.Shape), bias.As<T>(), split, x.As<T>());
        };
    }

    // One group for each block of columns of each slice of rows.
    static void GpuAddKernel<T>(ArrayView<T> bias, ColumnSplit split, ArrayView<T> x)
        where T : unmanaged, ILanes<T>
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            T value = position.IsActive ? bias[position.Column] : default;
            for (int row = position.First; row < position.End; row += position.Step)
            {
                int i = (row * split.Columns) + position.Column;
                x[i] += value;
            }
        }
    }
}
