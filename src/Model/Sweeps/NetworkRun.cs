using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>A network of a sweep while it is trained: the run that training it alone gives.</summary>
sealed class NetworkRun : IDisposable
{
    List<float>? losses;

    NetworkRun(Configuration configuration, Mlp network, TorchGenerator generator, LossCurve curve)
    {
        Configuration = configuration;
        Network = network;
        Generator = generator;
        Curve = curve;
    }

    /// <summary>All its settings.</summary>
    public Configuration Configuration { get; }

    /// <summary>The network.</summary>
    public Mlp Network { get; }

    /// <summary>The steps that it was trained for; where it diverged, the step, from 0, whose loss was no number.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Whether its loss became infinite or not a number.</summary>
    public bool HasDiverged { get; private set; }

    /// <summary>The training loss so far.</summary>
    public LossCurve Curve { get; private set; }

    /// <summary>The loss of each step, the last one that of the step at which it diverged; null where the curve alone is kept.</summary>
    public IReadOnlyList<float>? Losses => losses;

    /// <summary>How long its training took so far, beside others that were trained at the same time.</summary>
    public double Seconds { get; private set; }

    /// <summary>The generator of its batches.</summary>
    internal TorchGenerator Generator { get; private set; }

    /// <summary>Draws a network.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="configuration">Its settings.</param>
    /// <param name="vocabulary">V.</param>
    public static NetworkRun Draw(KernelSet kernels, Configuration configuration, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var network = new Mlp(kernels, configuration.Recipe, vocabulary);
        return new NetworkRun(configuration, network, network.Draw(configuration.Seeds), LossCurve.Of(configuration.Steps));
    }

    /// <summary>Goes on from a checkpoint.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="checkpoint">What <see cref="Checkpoint"/> gave.</param>
    /// <exception cref="FormatException">The checkpoint is not that of a network of a sweep.</exception>
    public static NetworkRun Resume(KernelSet kernels, ModelFile checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (checkpoint.Training is not { Curve: { } curve } state)
        {
            throw new FormatException($"{checkpoint.Name} is not a checkpoint of a sweep");
        }
        return new NetworkRun(checkpoint.Configuration, checkpoint.Load(kernels), TorchGenerator.Parse(state.Generator), curve)
        {
            StepsDone = state.StepsDone,
            Seconds = state.Seconds,
        };
    }

    /// <summary>Keeps the loss of each step from here on.</summary>
    public void KeepLosses() => losses ??= [];

    /// <summary>What training goes on from.</summary>
    /// <param name="data">What it is trained on.</param>
    public ModelFile Checkpoint(Dataset data) => Model(data) with { Training = State, KnownNames = null };

    /// <summary>The model as it is.</summary>
    /// <param name="data">What it is trained on.</param>
    public ModelFile Model(Dataset data) => ModelFile.Of(Network, Configuration, data, StepsDone);

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    /// <summary>What training needs beside the network.</summary>
    internal TrainingState State => new(StepsDone, Generator.ToText(), FirstLoss: 0, RecentLoss: 0, RecentSteps: 0, Dev: null)
    {
        Curve = Curve,
        Seconds = Seconds,
    };

    /// <summary>Takes in the losses of some more steps, up to the first that is no number.</summary>
    /// <param name="next">The losses.</param>
    /// <param name="seconds">How long the steps took.</param>
    internal void Add(ReadOnlySpan<float> next, double seconds)
    {
        int finite = 0;
        while (finite < next.Length && float.IsFinite(next[finite]))
        {
            finite++;
        }
        losses?.AddRange(next[..Math.Min(finite + 1, next.Length)]);
        StepsDone += finite;
        Seconds += seconds;
        Curve = Curve.After(next[..finite]);
        HasDiverged = finite < next.Length;
    }

    /// <summary>Takes in that the next step has no finite loss, if it is not known.</summary>
    internal void Diverge()
    {
        if (!HasDiverged)
        {
            losses?.Add(float.NaN);
            HasDiverged = true;
        }
    }
}
