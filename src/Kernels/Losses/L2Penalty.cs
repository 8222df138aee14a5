using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>The L2 loss of a tensor of weights, which is added to the loss of a step, and its gradient, weight decay.</summary>
/// <remarks>
/// <para>For W weights w of any shape:</para>
/// <code>
/// forward     loss += coefficient · Σ w² / W
/// backward    dw += 2 · coefficient / W · w
/// </code>
/// <para>
/// Cost: forward reads w, backward reads w and dw and writes dw: 3W reads and W writes together, 2 floating-point operations a weight
/// each.
/// </para>
/// <para>
/// Runs as: <see cref="CpuSquareSums"/>, <see cref="CpuL2Loss"/> and <see cref="CpuScaledAdd"/> on the CPU accelerator and on OpenCL
/// devices that are processors; the kernels of this class on GPUs, the gradient by <see cref="TileScaledAdd"/>. The fused kernel, by
/// threads and by warps, sums by <see cref="TileSumOfSquares"/> and decays the weights by <see cref="TileScaledAdd"/>; its warp groups
/// do so as warps.
/// </para>
/// <para>
/// Reference: <c>ReferenceOperations.L2Penalty</c>. Source: A. Krogh and J. Hertz, "A simple weight decay can improve generalization",
/// 1991.
/// </para>
/// </remarks>
/// <param name="launcher">Loads and launches the kernels.</param>
sealed class L2Penalty(Launcher launcher)
{
    readonly Workspace workspace = new(launcher);
    readonly WorkerKernel<CpuSquareSums> cpuSums = new(launcher);
    readonly WorkerKernel<CpuL2Loss> cpuLoss = new(launcher);
    readonly WorkerKernel<CpuScaledAdd> cpuGradient = new(launcher);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, float, int, ArrayView<StepState>, ArrayView<float>> GpuAdd => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, float, int, ArrayView<StepState>, ArrayView<float>>(GpuAddKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, float, int, ArrayView<float>> GpuAddGradient => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, float, int, ArrayView<float>>(GpuAddGradientKernel);

    /// <summary>Adds the L2 loss to the loss of the current step.</summary>
    /// <param name="weights">w, any shape.</param>
    /// <param name="coefficient">The coefficient of their mean square.</param>
    /// <param name="state">The step [1].</param>
    /// <param name="record">The loss of each step; that at the index of the step is updated.</param>
    public void Add(ArrayView<float> weights, float coefficient, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArgumentOutOfRangeException.ThrowIfZero(weights.IntLength, nameof(weights));
        ViewChecks.CheckLength(state, 1);
        float factor = coefficient / weights.IntLength;
        if (launcher.Shape.IsGpu)
        {
            GpuAdd(launcher.Stream, launcher.Shape.OneGroup, weights, factor, weights.IntLength, state, record);
            return;
        }
        int blocks = CpuSquareSums.Blocks(weights.IntLength);
        var sums = new ViewMemory(workspace.Take<float>(blocks), 0);
        cpuSums.Launch(new(new(weights, 0), weights.IntLength, sums));
        cpuLoss.Launch(new(sums, blocks, factor, new(state.Cast<float>(), 0), new(record, 0)));
    }

    /// <summary>Adds the gradient of the L2 loss to that of the weights.</summary>
    /// <param name="weights">w, any shape.</param>
    /// <param name="coefficient">The coefficient of their mean square.</param>
    /// <param name="dWeights">The gradient of w, of the same shape, updated.</param>
    public void AddGradient(ArrayView<float> weights, float coefficient, ArrayView<float> dWeights)
    {
        ViewChecks.CheckLength(dWeights, weights.Length);
        float factor = 2f * coefficient / weights.IntLength;
        if (launcher.Shape.IsGpu)
        {
            GpuAddGradient(launcher.Stream, launcher.Over(weights.IntLength), weights, factor, weights.IntLength, dWeights);
        }
        else
        {
            cpuGradient.Launch(new(factor, new(weights, 0), weights.IntLength, new(dWeights, 0)));
        }
    }

    /// <summary>Tells what <see cref="Add"/> takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="length">How many weights.</param>
    public void PlanAdd(LaunchPlan plan, int length)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (launcher.Shape.IsGpu)
        {
            plan.Launch();
            return;
        }
        plan.Take<float>(workspace, CpuSquareSums.Blocks(length));
        plan.Launch(2);
    }

    // One group. Each thread computes a partial sum, and the first thread adds the partial sums, always in the same order.
    static void GpuAddKernel(ArrayView<float> weights, float factor, int count, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArrayView<float> partialSums = SharedMemory.Allocate<float>(LaunchShape.MaxGroupSize);
        int threads = Group.DimX;
        float partialSum = 0f;
        for (int i = Group.IdxX; i < count; i += threads)
        {
            partialSum += weights[i] * weights[i];
        }
        partialSums[Group.IdxX] = partialSum;

        // Race: the first thread reads the partial sums that all others have just stored.
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            float sum = 0f;
            for (int thread = 0; thread < threads; thread++)
            {
                sum += partialSums[thread];
            }
            record[state[0].Step] += factor * sum;
        }
    }

    // One thread for each weight.
    static void GpuAddGradientKernel(ArrayView<float> weights, float factor, int count, ArrayView<float> dWeights)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            Tile.Run(new TileScaledAdd(factor, new(weights, i), new(dWeights, i), Count: 1));
        }
    }
}
