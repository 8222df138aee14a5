using System.Diagnostics;
using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// Steps of training in the fused form: one launch of a persistent kernel runs many steps. The workers are threads; or, on a CUDA GPU, warp
/// groups where the batch fits the 32 lanes of a warp, and warps where it does not. This is the fast form, for models whose activations fit
/// a processor's cache, or whose step is small for a GPU.
/// </summary>
sealed class FusedStep : ITrainingStep
{
    // Examples of a launch, whatever the batch.
    const int LaunchExamples = 32_000;

    readonly KernelSet kernels;
    readonly FusedNetwork network;
    readonly DeviceSplit split;
    readonly Strategy strategy;
    readonly FusedForm form;
    readonly ThreadChoice threads;

    /// <summary>Allocates everything that a step needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    /// <param name="strategy">A fused strategy: who the workers are, and how many.</param>
    public FusedStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch, Strategy strategy)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(strategy);
        this.kernels = kernels;
        this.split = split;
        this.strategy = strategy;
        form = FormOf(strategy, batch);
        this.network = new FusedNetwork(kernels, network, batch, form, strategy.Threads);
        threads = new ThreadChoice(strategy.Threads, strategy.GivesWay);
    }

    /// <inheritdoc/>
    public int StepsPerLaunch => MostSteps(strategy, network.Shape.Batch);

    /// <summary>What steps take.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="strategy">A fused strategy.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    public static StepPlan Plan(KernelSet kernels, Mlp network, int batch, Strategy strategy, LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(strategy);
        kernels.Fused.PlanTrain(plan);
        FusedLayout layout = FusedNetwork.Layout(
            network.Shape, batch, FormOf(strategy, batch), strategy.Threads, kernels.Accelerator.Device);
        return new StepPlan([.. FusedNetwork.Plan(kernels.Launcher, layout)], Launches: 1, MostSteps(strategy, batch));
    }

    /// <inheritdoc/>
    public void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses)
    {
        FusedOperands operands = network.Operands(split, indices, losses);
        long begin = Stopwatch.GetTimestamp();
        kernels.Fused.Train(operands, form, form.HasWarps() ? strategy.Groups : threads.Threads, steps, learningRate);
        // On the CPU accelerator, where there is a choice, a launch ends with its last step.
        threads.Took(steps, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Store() => network.Store();

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    /// <summary>Who the workers are: warp groups hold a batch in the lanes of one warp, and a larger one goes by warps.</summary>
    /// <param name="strategy">A fused strategy.</param>
    /// <param name="batch">N.</param>
    internal static FusedForm FormOf(Strategy strategy, int batch) =>
        strategy.Form == FusedForm.WarpGroups ? FusedForms.OfWarps(batch) : strategy.Form;

    /// <summary>Steps of a launch: enough to hide its cost, few enough to take only parts of a second.</summary>
    /// <param name="batch">N.</param>
    internal static int MostSteps(int batch) => Math.Clamp(LaunchExamples / batch, 10, 1000);

    static int MostSteps(Strategy strategy, int batch) => strategy.StepsPerLaunch ?? MostSteps(batch);
}
