using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>The sizes at which every operation is measured.</summary>
/// <param name="Batch">N.</param>
/// <param name="Context">T.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Embedding">E, the embedding's width.</param>
/// <param name="Hidden">H, the units of the hidden layer.</param>
sealed record MeasuredSizes(int Batch, int Context, int Vocabulary, int Embedding, int Hidden)
{
    // Neighboring features that group normalization takes together: the lectures' 200 and all powers of two can be divided so.
    const int Groups = 8;

    static readonly Recipe Recipe = Recipe.Named("batchnorm");

    /// <summary>The sides of the matrices that are multiplied; null for those of the hidden layer.</summary>
    public int? Side { get; init; }

    /// <summary>Steps of training in a launch.</summary>
    public int StepsPerLaunch { get; init; } = 1;

    /// <summary>The sizes of the lectures' network.</summary>
    public static MeasuredSizes Lectures { get; } =
        new(Recipe.Batch, Recipe.Context, Vocabulary: 27, Recipe.Embedding, Recipe.Hidden[0]) { StepsPerLaunch = 100 };

    int Inputs => Context * Embedding;

    // Of the lectures' network with BatchNorm: the table, the hidden layer without a bias, gain and bias, and the layer to the logits.
    int Parameters => (Vocabulary * Embedding) + (Inputs * Hidden) + (2 * Hidden) + (Hidden * Vocabulary) + Vocabulary;

    /// <summary>Sizes that keep a device busy.</summary>
    /// <param name="isGpu">Whether it is a GPU, which takes more.</param>
    /// <param name="isQuick">Whether there is little time.</param>
    public static MeasuredSizes Large(bool isGpu, bool isQuick) => (isGpu, isQuick) switch
    {
        (false, true) => new(Batch: 1024, Context: 8, Vocabulary: 1024, Embedding: 64, Hidden: 1024) { Side = 512 },
        (false, false) => new(Batch: 4096, Context: 8, Vocabulary: 1024, Embedding: 64, Hidden: 2048) { Side = 1024 },
        (true, true) => new(Batch: 4096, Context: 8, Vocabulary: 1024, Embedding: 64, Hidden: 4096) { Side = 4096 },
        (true, false) => new(Batch: 8192, Context: 8, Vocabulary: 4096, Embedding: 64, Hidden: 8192) { Side = 8192 },
    };

    /// <summary>All operations at these sizes, and steps of training in each form that the network has.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="names">The names that are trained on, with their own vocabulary.</param>
    public IEnumerable<Operation> Operations(KernelSet kernels, NamesFile names)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(names);
        return [.. OperationsOfLayers(), .. StepsOfTraining(kernels, Dataset.Create(names, Context))];
    }

    IEnumerable<Operation> OperationsOfLayers() =>
    [
        Side is { } side ? MatMulOperations.Multiply(side, side, side) : MatMulOperations.Multiply(Batch, Inputs, Hidden),
        Side is { } m ? MatMulOperations.MultiplyLeftTransposed(m, m, m) : MatMulOperations.MultiplyLeftTransposed(Inputs, Batch, Hidden),
        Side is { } n ? MatMulOperations.MultiplyRightTransposed(n, n, n) : MatMulOperations.MultiplyRightTransposed(Batch, Hidden, Inputs),
        ElementwiseOperations.AddBias(Batch, Hidden),
        ElementwiseOperations.SumColumns(Batch, Hidden),
        .. Enum.GetValues<Activation>().Where(activation => activation != Activation.None).SelectMany(activation => (Operation[])
        [
            ElementwiseOperations.Activate(activation, Batch, Hidden),
            ElementwiseOperations.ActivateBackward(activation, Batch, Hidden),
        ]),
        NormalizationOperations.BatchForward(Batch, Hidden),
        NormalizationOperations.BatchForwardFixed(Batch, Hidden),
        NormalizationOperations.BatchBackward(Batch, Hidden),
        NormalizationOperations.GroupForward(Batch, Hidden, groups: 1),
        NormalizationOperations.GroupBackward(Batch, Hidden, groups: 1),
        NormalizationOperations.GroupForward(Batch, Hidden, Groups),
        NormalizationOperations.GroupBackward(Batch, Hidden, Groups),
        LossOperations.LossAndGradient(Batch, Vocabulary),
        LossOperations.Mean(Batch),
        LossOperations.Penalty(Inputs * Hidden),
        LossOperations.PenaltyGradient(Inputs * Hidden),
        EmbeddingOperations.Forward(Batch, Context, Vocabulary, Embedding),
        EmbeddingOperations.Backward(Batch, Context, Vocabulary, Embedding),
        EmbeddingOperations.Gather(Batch, Context),
        ElementwiseOperations.Update(Parameters),
        StatisticsOperations.Summarize(Batch, Hidden),
    ];

    IEnumerable<Operation> StepsOfTraining(KernelSet kernels, Dataset data)
    {
        Recipe recipe = Recipe with { Context = Context, Embedding = Embedding, Hidden = [Hidden], Batch = Batch };
        yield return TrainingOperations.Step(Strategy.Layered.Name, recipe, data, StepsPerLaunch);
        if (Strategy.HasFusedForm(kernels.Accelerator.Device, recipe, data.Vocabulary.Count))
        {
            yield return TrainingOperations.Step(Strategy.Fused.Name, recipe, data, StepsPerLaunch);
        }
    }
}
