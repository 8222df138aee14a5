using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// Steps of training in the layered form: a chain of kernels, one launch for each operation, that takes the batch, goes forward, computes
/// the loss, goes backward and updates. This is the readable form: it takes any size, and every intermediate stays on the device to be
/// looked at. The launches are the same in every step, and so can be recorded: the step's number and the learning rate lie on the device.
/// </summary>
sealed class LayeredStep : ITrainingStep
{
    /// <summary>Steps before the host reads their losses: enough to hide the waiting, few enough that a run stops quickly.</summary>
    internal const int MaxStepsPerLaunch = 100;

    readonly KernelSet kernels;
    readonly Mlp network;
    readonly DeviceSplit split;
    readonly GatheredBatch examples;
    readonly MemoryBuffer1D<float, Stride1D.Dense> exampleLosses;
    readonly MemoryBuffer1D<StepState, Stride1D.Dense> state;
    readonly ThreadChoice threads;
    RecordedLaunches? recorded;
    (ArrayView<int> Indices, ArrayView<float> Losses) recordedViews;

    /// <summary>Allocates everything that a step needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    /// <param name="strategy">A layered strategy: how many steps a launch takes, and how many threads of a processor.</param>
    public LayeredStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch, Strategy? strategy = null)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        this.kernels = kernels;
        this.network = network;
        this.split = split;
        strategy ??= Strategy.Layered;
        StepsPerLaunch = MostSteps(strategy);
        threads = new ThreadChoice(strategy.Threads, strategy.GivesWay);
        Activations = new Activations(kernels, network, batch, withGradients: true);
        examples = new GatheredBatch(kernels, batch, network.Recipe.Context);
        exampleLosses = kernels.Accelerator.Allocate1D<float>(batch);
        state = kernels.Accelerator.Allocate1D<StepState>(1);
    }

    /// <summary>
    /// What a step takes, without <see cref="Mlp.PlanGradients"/>, which lie in the network and are shared by all its steps.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="strategy">A layered strategy.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    public static StepPlan Plan(KernelSet kernels, Mlp network, int batch, Strategy strategy, LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(plan);
        using var activations = new Activations(kernels, network, batch, withGradients: true);
        int before = plan.Launches;
        PlanLaunches(kernels, network, batch, plan);
        return new StepPlan(
            [
                .. activations.Plan(), .. GatheredBatch.Plan(batch, network.Recipe.Context),
                PlannedBuffer.Of<float>("losses of a batch", batch), PlannedBuffer.Of<StepState>("state of a step", 1),
            ],
            plan.Launches - before, MostSteps(strategy));
    }

    /// <summary>The outputs of all layers in the last step, and their gradients.</summary>
    public Activations Activations { get; }

    /// <inheritdoc/>
    public int StepsPerLaunch { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// The launches are recorded for these two views. Other views are recorded anew: it is best to give the same ones each time.
    /// </remarks>
    public void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)steps * Activations.Batch, indices.Length, nameof(steps));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, losses.Length);
        kernels.Sgd.Begin(learningRate, state.View);
        long begin = Stopwatch.GetTimestamp();
        RecordedFor(indices, losses).Run(steps, threads.Threads);
        // On the CPU accelerator, where there is a choice, a launch ends with its last step.
        threads.Took(steps, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    /// <summary>A step without its update: takes the batch, and computes its loss and the gradients of all layers and parameters.</summary>
    /// <param name="indices">The examples [N].</param>
    /// <param name="pass">What the forward pass is for.</param>
    /// <param name="loss">The mean loss [1].</param>
    public void ComputeGradients(ArrayView<int> indices, Pass pass, ArrayView<float> loss)
    {
        kernels.Sgd.Begin(learningRate: 0f, state.View);
        LaunchGradients(indices, pass, loss);
    }

    /// <inheritdoc/>
    /// <remarks>There is nothing to do: a layered step works on the network's own parameters.</remarks>
    public void Store()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        recorded?.Dispose();
        Activations.Dispose();
        examples.Dispose();
        exampleLosses.Dispose();
        state.Dispose();
    }

    static int MostSteps(Strategy strategy) => strategy.StepsPerLaunch ?? MaxStepsPerLaunch;

    RecordedLaunches RecordedFor(ArrayView<int> indices, ArrayView<float> losses)
    {
        if (recorded is null || !recordedViews.Equals((indices, losses)))
        {
            recorded?.Dispose();
            recorded = new RecordedLaunches(kernels.Launcher, () => LaunchStep(indices, losses));
            recordedViews = (indices, losses);
        }
        return recorded;
    }

    void LaunchStep(ArrayView<int> indices, ArrayView<float> losses)
    {
        LaunchGradients(indices, Pass.Training, losses);
        kernels.Sgd.Update(network.Parameters.Gradients, state.View, network.Parameters.Data);
    }

    void LaunchGradients(ArrayView<int> indices, Pass pass, ArrayView<float> losses)
    {
        examples.Gather(split, indices, state.View);
        network.Forward(examples.Tokens, Activations, pass);
        kernels.SoftmaxCrossEntropy.LossAndGradient(
            Activations.Logits.Data, examples.Targets, network.Vocabulary, exampleLosses.View, Activations.Logits.Gradient);
        kernels.SoftmaxCrossEntropy.Mean(exampleLosses.View, state.View, losses);
        network.Backward(examples.Tokens, Activations);
        foreach ((Tensor tensor, float coefficient) in network.Penalties)
        {
            kernels.L2Penalty.Add(tensor.Data, coefficient, state.View, losses);
            kernels.L2Penalty.AddGradient(tensor.Data, coefficient, tensor.Gradient);
        }
    }

    // The order is that of LaunchStep.
    static void PlanLaunches(KernelSet kernels, Mlp network, int batch, LaunchPlan plan)
    {
        plan.Launch();
        network.PlanForward(plan, batch, Pass.Training);
        // The loss and its gradient, and the mean.
        plan.Launch(2);
        network.PlanBackward(plan, batch);
        foreach ((Tensor tensor, _) in network.Penalties)
        {
            kernels.L2Penalty.PlanAdd(plan, tensor.Length);
            plan.Launch();
        }
        // The update.
        plan.Launch();
    }
}
