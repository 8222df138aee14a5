using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using Networks = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    Makemore.Gpu.Kernels.Fused.FusedNetworks, ILGPU.Runtime.SpecializedValue<int>, int>;
using Training = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    Makemore.Gpu.Kernels.Fused.FusedOperands, Makemore.Gpu.Kernels.Fused.GridBarrierState, ILGPU.Runtime.SpecializedValue<int>, int, float>;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// The fused form: many steps of training in one launch of a persistent kernel, whose workers go through the phases of a step together,
/// of one network or of many at once; and the losses of many examples in one launch. Nothing is launched, copied or waited for between
/// steps.
/// </summary>
sealed class FusedMlp
{
    /// <summary>Threads of a group of warps that train.</summary>
    public const int GroupThreads = WarpGroupLayer.Warps * WarpLanes.Lanes;

    /// <summary>The most layers of a network that warps train.</summary>
    public const int MaxLayers = WarpWorker.MaxLayers;

    /// <summary>
    /// How many groups of warps, each with a network of its own, a multiprocessor has at once: so many hide what each waits for. Their
    /// kernels are compiled for that, with at most 128 registers a thread.
    /// </summary>
    public const int NetworksPerMultiprocessor = 4;

    const int GridBarrierLength = 2;

    readonly Launcher launcher;
    readonly Workspace barrierState;

    /// <summary>Prepares the kernels. Each is loaded when it is first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public FusedMlp(Launcher launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        this.launcher = launcher;
        barrierState = new Workspace(launcher);
    }

    Training ThreadTraining => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, GridBarrierState, SpecializedValue<int>, int, float>(
            FusedKernels.TrainingKernel<ThreadWorker>);

    Training WarpTraining => field ??= Load(FusedKernels.TrainingKernel<WarpWorker>);

    Training WarpGroupTraining => field ??= Load(FusedKernels.TrainingKernel<WarpGroupWorker>);

    Networks ThreadNetworks => field ??=
        launcher.Accelerator.LoadKernel<FusedNetworks, SpecializedValue<int>, int>(FusedKernels.NetworksKernel<ThreadWorker>);

    Networks WarpNetworks => field ??= Load(FusedKernels.NetworksKernel<WarpWorker>);

    Networks WarpGroupNetworks => field ??= Load(FusedKernels.NetworksKernel<WarpGroupWorker>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> ThreadEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(FusedKernels.EvaluationKernel<ThreadWorker>);

    Action<AcceleratorStream, KernelConfig, FusedOperands, int, int> WarpEvaluation => field ??=
        launcher.Accelerator.LoadKernel<FusedOperands, int, int>(
            FusedKernels.EvaluationKernel<WarpWorker>, new KernelSpecialization(EvaluationThreads, null));

    int EvaluationThreads =>
        Math.Min(launcher.Accelerator.MaxNumThreadsPerGroup / WarpLanes.Lanes, WarpTileRunner.MaxWarps) * WarpLanes.Lanes;

    /// <summary>
    /// As many groups of warps as find work in the phases of the layers: one for each block of a layer's features, and for the weights that
    /// are updated meanwhile, those of two layers above.
    /// </summary>
    /// <param name="outputs">The features of each layer, from the first on.</param>
    public static int MaxGroups(IReadOnlyList<int> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        long most = 1;
        for (int l = 0; l < outputs.Count; l++)
        {
            long weights = l + 2 < outputs.Count
                ? Quotient(outputs[l + 2], WarpTileRunner.Features) * Quotient(outputs[l + 1], WarpTileRunner.Padding)
                : 0;
            most = Math.Max(most, Quotient(outputs[l], WarpGroupLayer.Warps) + Quotient(weights, WarpGroupLayer.Warps));
        }
        return (int)Math.Min(most, int.MaxValue);

        static long Quotient(long value, int divisor) => (value + divisor - 1) / divisor;
    }

    /// <summary>Runs steps of training.</summary>
    /// <param name="operands">The network, the data and where the losses go; the parameters are updated.</param>
    /// <param name="form">Who works.</param>
    /// <param name="count">
    /// Of <see cref="FusedForm.Threads"/>, how many threads work in one group, at most those for which the scratch was laid out. Of warps,
    /// how many groups: at most the device's multiprocessors, so that all are resident at once.
    /// </param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void Train(in FusedOperands operands, FusedForm form, int count, int steps, float learningRate)
    {
        operands.Check();
        ArrayView<int> arrivals = barrierState.Take<int>(GridBarrierLength);
        // Threads of OpenCL wait at the barrier of their group.
        if (count > 1 && launcher.Accelerator.AcceleratorType != AcceleratorType.OpenCL)
        {
            arrivals.MemSetToZero(launcher.Stream);
        }
        if (form == FusedForm.Threads)
        {
            ThreadTraining(
                launcher.Stream, new KernelConfig(1, count), operands, GridBarrierState.In(arrivals), SpecializedValue.New(count), steps,
                learningRate);
            return;
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, launcher.Accelerator.NumMultiprocessors);
        CheckBatch(operands, form);
        Training training = form == FusedForm.WarpGroups ? WarpGroupTraining : WarpTraining;
        training(
            launcher.Stream, new KernelConfig(count, GroupThreads), operands, GridBarrierState.In(arrivals),
            SpecializedValue.New(WarpGroupLayer.Warps),
            steps, learningRate);
    }

    /// <summary>Runs steps of training of many networks of one shape, each by a group, or a thread, of its own.</summary>
    /// <param name="networks">The networks, the data and where the losses go; the parameters are updated.</param>
    /// <param name="form">Who works.</param>
    /// <param name="count">How many groups or threads, each with a scratch: it takes one network after another.</param>
    /// <param name="steps">How many steps.</param>
    public void TrainNetworks(in FusedNetworks networks, FusedForm form, int count, int steps)
    {
        networks.Check(count, steps);
        if (form == FusedForm.Threads)
        {
            ThreadNetworks(launcher.Stream, launcher.WorkersOf(count), networks, SpecializedValue.New(1), steps);
            return;
        }
        CheckBatch(networks.Operands, form);
        Networks training = form == FusedForm.WarpGroups ? WarpGroupNetworks : WarpNetworks;
        training(
            launcher.Stream, new KernelConfig(count, GroupThreads), networks, SpecializedValue.New(WarpGroupLayer.Warps), steps);
    }

    /// <summary>The loss of each of many examples, normalized by the stored statistics. Each group takes whole batches.</summary>
    /// <param name="operands">
    /// The network, with a scratch for each group; the examples, and space for <see cref="FusedLayout.MaxPadding"/> more losses.
    /// </param>
    /// <param name="form">Who works: threads or warps.</param>
    /// <param name="groups">
    /// How many groups; one, where batches have padding: a batch's padding lies where the losses of the next one go, which another group
    /// may have written before.
    /// </param>
    public void Losses(in FusedOperands operands, FusedForm form, int groups)
    {
        ViewChecks.CheckLength(operands.Results, operands.Indices.Length + FusedLayout.MaxPadding);
        if (operands.Shape.Batch != operands.Shape.PaddedBatch)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(groups, 1);
        }
        Evaluate(operands, form, operands.Shape.Layers, groups);
    }

    /// <summary>
    /// For each batch of many examples, the moments of a layer's linear map, with the layers below normalized by the stored statistics: the
    /// mean of each feature, and the sum of the squared differences from it. Each group takes whole batches.
    /// </summary>
    /// <param name="operands">
    /// The network, with a scratch for each group; the examples, in batches of N, the last one as small as it comes; and space for the
    /// means and then the sums of each batch [batches, 2, padded features].
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

    /// <summary>Tells what <see cref="Train"/> takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    public void PlanTrain(LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Take<int>(barrierState, GridBarrierLength);
        plan.Launch();
    }

    static void CheckBatch(in FusedOperands operands, FusedForm form)
    {
        if (form == FusedForm.WarpGroups)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(operands.Shape.PaddedBatch, WarpLanes.Lanes, nameof(operands));
        }
    }

    Training Load(Action<FusedOperands, GridBarrierState, SpecializedValue<int>, int, float> kernel) =>
        launcher.Accelerator.LoadKernel(kernel, new KernelSpecialization(GroupThreads, null));

    Networks Load(Action<FusedNetworks, SpecializedValue<int>, int> kernel) =>
        launcher.Accelerator.LoadKernel(kernel, new KernelSpecialization(GroupThreads, NetworksPerMultiprocessor));

    void Evaluate(in FusedOperands operands, FusedForm form, int measured, int groups)
    {
        operands.Check();
        (var evaluation, int threads) = form.HasWarps() ? (WarpEvaluation, EvaluationThreads) : (ThreadEvaluation, 1);
        evaluation(launcher.Stream, new KernelConfig(groups, threads), operands, measured, operands.Scratch.IntLength / groups);
    }
}
