using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// A penalty for large weights, coefficient · mean(w²), which is added to the loss, and its gradient, 2 · coefficient / count · w: weight
/// decay (A. Krogh and J. Hertz, "A simple weight decay can improve generalization", 1991).
/// Reference: <c>ReferenceOperations.L2Penalty</c>.
/// </summary>
public sealed class L2Penalty
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, float, int, ArrayView<StepState>, ArrayView<float>> add;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, float, int, int, ArrayView<float>> addGradient;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public L2Penalty(Launcher launcher)
    {
        this.launcher = launcher;
        add = launcher.Accelerator.LoadKernel<ArrayView<float>, float, int, ArrayView<StepState>, ArrayView<float>>(AddKernel);
        addGradient = launcher.Accelerator.LoadKernel<ArrayView<float>, float, int, int, ArrayView<float>>(AddGradientKernel);
    }

    /// <summary>Adds the penalty to the step's place of a record of losses.</summary>
    /// <param name="weights">w, any shape.</param>
    /// <param name="coefficient">The coefficient of their mean square.</param>
    /// <param name="state">The step [1].</param>
    /// <param name="record">The loss of each step.</param>
    public void Add(ArrayView<float> weights, float coefficient, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArgumentOutOfRangeException.ThrowIfZero(weights.IntLength, nameof(weights));
        ViewChecks.CheckLength(state, 1);
        add(launcher.Stream, launcher.Shape.OneGroup, weights, coefficient / weights.IntLength, weights.IntLength, state, record);
    }

    /// <summary>Adds the gradient of the penalty to that of the weights.</summary>
    /// <param name="weights">w, any shape.</param>
    /// <param name="coefficient">The coefficient of their mean square.</param>
    /// <param name="dWeights">The gradient of w, of the same shape.</param>
    public void AddGradient(ArrayView<float> weights, float coefficient, ArrayView<float> dWeights)
    {
        ViewChecks.CheckLength(dWeights, weights.Length);
        addGradient(
            launcher.Stream, launcher.Shape.OverValues(weights.IntLength), weights, 2f * coefficient / weights.IntLength, weights.IntLength,
            launcher.Shape.ValuesPerThread, dWeights);
    }

    // One group. Each thread sums its share, and one of them the shares: always in the same order.
    static void AddKernel(ArrayView<float> weights, float factor, int count, ArrayView<StepState> state, ArrayView<float> record)
    {
        ArrayView<float> shares = SharedMemory.Allocate<float>(LaunchShape.MaxGroupSize);
        int threads = Group.DimX;
        float share = 0f;
        for (int i = Group.IdxX; i < count; i += threads)
        {
            share += weights[i] * weights[i];
        }
        shares[Group.IdxX] = share;

        // The first thread reads the shares of all others: they must have been written.
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            float sum = 0f;
            for (int thread = 0; thread < threads; thread++)
            {
                sum += shares[thread];
            }
            record[state[0].Step] += factor * sum;
        }
    }

    // One thread for each few weights.
    static void AddGradientKernel(ArrayView<float> weights, float factor, int count, int values, ArrayView<float> dWeights)
    {
        for (int first = GridStride.First * values, stride = GridStride.Stride * values; first < count; first += stride)
        {
            Tile.Run(new TileScaledAdd(factor, new(weights, first), new(dWeights, first), IntrinsicMath.Min(values, count - first)));
        }
    }
}
