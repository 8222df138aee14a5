using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>What a look at a network in training showed.</summary>
/// <param name="Step">The step that was about to be taken, from 0.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Saturated">
/// For each activation, by its index in the network's list of layers, the part of its values where it is flat (<see cref="FlatBounds"/>).
/// </param>
/// <param name="UpdateToData">For each matrix, by its name, the standard deviation of its update divided by that of its values.</param>
sealed record WatchedStep(
    int Step, float LearningRate, IReadOnlyDictionary<int, double> Saturated, IReadOnlyDictionary<string, double> UpdateToData)
{
    /// <summary>
    /// The lecture's rule of thumb for log10 of update:data. A matrix far below it learns slowly; one far above it is unstable.
    /// </summary>
    public const double RuleOfThumb = -3;

    /// <summary>log10 of the update:data ratio of a matrix.</summary>
    /// <param name="matrix">Its name.</param>
    public double LogUpdateToData(string matrix) => Math.Log10(UpdateToData[matrix]);
}

/// <summary>Looks at a network while it is trained, every so many steps, on the batch that the step is about to take.</summary>
sealed class TrainingWatch : IDisposable
{
    // Enough for a curve, few enough to take hardly any time.
    const int Looks = 100;

    readonly Inspector inspector;
    readonly Dictionary<int, Activation> activations;
    readonly List<WatchedStep> steps = [];

    /// <summary>Prepares to look.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="examples">The examples that it is trained on.</param>
    /// <param name="every">Every how many steps to look.</param>
    public TrainingWatch(KernelSet kernels, Mlp network, Split examples, int every)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        Every = every;
        inspector = new Inspector(kernels, network, examples);
        activations = inspector.ShownLayers.Where(layer => network.Layers[layer] is ActivationLayer)
            .ToDictionary(layer => layer, layer => ((ActivationLayer)network.Layers[layer]).Activation);
    }

    /// <summary>Every how many steps it looks.</summary>
    public int Every { get; }

    /// <summary>When a value of the network's activations is saturated; empty where it has none.</summary>
    public string SaturationCondition => activations.Count == 0 ? "" : FlatBounds.Of(activations.Values.First()).Condition;

    /// <summary>What was seen so far.</summary>
    public IReadOnlyList<WatchedStep> Steps => steps;

    /// <summary>Called with each look.</summary>
    public Action<WatchedStep>? Seen { get; init; }

    /// <summary>Every how many steps to look so that a whole run is seen about a hundred times.</summary>
    /// <param name="steps">The steps of the run.</param>
    public static int EveryFor(int steps) => Math.Max(1, steps / Looks);

    /// <inheritdoc/>
    public void Dispose() => inspector.Dispose();

    /// <summary>Looks at the network, its own parameters up to date.</summary>
    /// <param name="step">The step that is about to be taken.</param>
    /// <param name="indices">The examples of its batch [N] on the accelerator.</param>
    /// <param name="learningRate">Its learning rate.</param>
    internal void Look(int step, ArrayView<int> indices, float learningRate)
    {
        inspector.RunBatch(indices);
        var seen = new WatchedStep(
            step, learningRate,
            activations.ToDictionary(layer => layer.Key, layer => inspector.ShareOf(layer.Key, FlatBounds.Of(layer.Value))),
            inspector.Matrices.ToDictionary(matrix => matrix.Name, matrix => inspector.UpdateToData(matrix, learningRate)));
        steps.Add(seen);
        Seen?.Invoke(seen);
    }
}
