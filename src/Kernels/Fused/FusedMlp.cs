using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using Training = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    Makemore.Gpu.Kernels.Fused.FusedOperands, Makemore.Gpu.Kernels.Fused.GridBarrierState, ILGPU.Runtime.SpecializedValue<int>, int, float>;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// Many steps of training in one launch: a persistent kernel whose workers walk together through the phases of a step, on a processor in one group, on a
/// GPU in groups on many multiprocessors. Nothing is launched, copied or waited for between steps. And the losses of many examples in one launch, of as
/// many groups as there are.
/// </summary>
public sealed class FusedMlp
{
    /// <summary>Threads of a group of warps that train.</summary>
    public const int GroupThreads = WarpGroupLayer.Warps * WarpLanes.Lanes;

    /// <summary>The most layers of a network that warps train.</summary>
    public const int MaxLayers = WarpWorkerTiles.MaxLayers;

    readonly Launcher launcher;
    readonly Workspace arrivals;

    /// <summary>Prepares the kernels. Each is loaded when it is first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public FusedMlp(Launcher launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        this.launcher = launcher;
        arrivals = new Workspace(launcher);
    }

    Training ThreadTraining => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, GridBarrierState, SpecializedValue<int>, int, float>(FusedKernels.TrainingKernel<FusedWorker<ThreadWorkerTiles>>);

    Training WarpTraining => field ??= Load(FusedKernels.TrainingKernel<FusedWorker<WarpWorkerTiles>>);

    Training GroupTraining => field ??= Load(FusedKernels.TrainingKernel<WarpGroupWorker>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> ThreadEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(FusedKernels.EvaluationKernel<ThreadWorkerTiles>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> WarpEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(FusedKernels.EvaluationKernel<WarpWorkerTiles>, new KernelSpecialization(EvaluationThreads, null));

    int EvaluationThreads => Math.Min(launcher.Accelerator.MaxNumThreadsPerGroup / WarpLanes.Lanes, WarpWorkerTiles.MaxWarps) * WarpLanes.Lanes;

    /// <summary>
    /// As many groups of warps as find work in the phases of the layers: one for each block of a layer's features, and for the weights that move meanwhile,
    /// those of two layers above.
    /// </summary>
    /// <param name="outputs">The features of each layer, from the first on.</param>
    public static int MaxGroups(IReadOnlyList<int> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        long most = 1;
        for (int l = 0; l < outputs.Count; l++)
        {
            long weights = l + 2 < outputs.Count ? Quotient(outputs[l + 2], WarpWorkerTiles.Features) * Quotient(outputs[l + 1], WarpWorkerTiles.Padding) : 0;
            most = Math.Max(most, Quotient(outputs[l], WarpGroupLayer.Warps) + Quotient(weights, WarpGroupLayer.Warps));
        }
        return (int)Math.Min(most, int.MaxValue);

        static long Quotient(long value, int divisor) => (value + divisor - 1) / divisor;
    }

    /// <summary>Runs steps of training by the threads of one group.</summary>
    /// <param name="operands">The network, the data and where the losses go; the parameters move.</param>
    /// <param name="threads">How many threads, at most those for which the scratch was laid out.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void TrainByThreads(in FusedOperands operands, int threads, int steps, float learningRate)
    {
        operands.Check();
        ThreadTraining(
            launcher.Stream, new KernelConfig(1, threads), operands, GridBarrierState.In(arrivals.Take<int>(1)), SpecializedValue.New(threads), steps, learningRate);
    }

    /// <summary>Runs steps of training by groups of warps.</summary>
    /// <param name="operands">The network, the data and where the losses go; the parameters move.</param>
    /// <param name="groups">How many groups: no more than the device has multiprocessors, so that all are at work at once.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void TrainByWarps(in FusedOperands operands, int groups, int steps, float learningRate)
    {
        operands.Check();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, launcher.Accelerator.NumMultiprocessors);
        ArrayView<int> arrived = arrivals.Take<int>(1);
        if (groups > 1)
        {
            arrived.MemSetToZero(launcher.Stream);
        }
        (operands.Shape.PaddedBatch == WarpLanes.Lanes ? GroupTraining : WarpTraining)(
            launcher.Stream, new KernelConfig(groups, GroupThreads), operands, GridBarrierState.In(arrived), SpecializedValue.New(WarpGroupLayer.Warps), steps,
            learningRate);
    }

    /// <summary>The loss of each of many examples, normalized by the stored statistics. Each group takes whole batches.</summary>
    /// <param name="operands">The network, with a scratch for each group; the examples, and room for <see cref="FusedLayout.MaxPadding"/> more losses.</param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="groups">How many groups.</param>
    public void Losses(in FusedOperands operands, FusedForm form, int groups)
    {
        ViewChecks.CheckLength(operands.Results, operands.Indices.Length + FusedLayout.MaxPadding);
        Evaluate(operands, form, operands.Shape.Layers, groups);
    }

    /// <summary>
    /// For each batch of many examples, the moments of a layer's linear map, with the layers below normalized by the stored statistics: the mean
    /// of each feature, and the sum of the squared differences from it. Each group takes whole batches.
    /// </summary>
    /// <param name="operands">
    /// The network, with a scratch for each group; the examples, in batches of N, the last one as small as it comes; and room for the means and then the
    /// sums of each batch [batches, 2, padded features].
    /// </param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="layer">Which linear layer, from 0.</param>
    /// <param name="groups">How many groups.</param>
    public void Moments(in FusedOperands operands, FusedForm form, int layer, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, operands.Shape.Layers);
        Evaluate(operands, form, layer, groups);
    }

    Training Load(Action<FusedOperands, GridBarrierState, SpecializedValue<int>, int, float> kernel) =>
        launcher.Accelerator.LoadKernel(kernel, new KernelSpecialization(GroupThreads, null));

    void Evaluate(in FusedOperands operands, FusedForm form, int measured, int groups)
    {
        operands.Check();
        (var evaluation, int threads) = form == FusedForm.Threads ? (ThreadEvaluation, 1) : (WarpEvaluation, EvaluationThreads);
        evaluation(launcher.Stream, new KernelConfig(groups, threads), operands, measured, operands.Scratch.IntLength / groups);
    }
}
