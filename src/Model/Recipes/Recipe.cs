using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>How a tensor is drawn: randn · Scale + Offset, the scale divided by √(fan-in) where that is asked for.</summary>
/// <param name="Scale">The factor. 0 still consumes the random numbers, as in torch.</param>
/// <param name="Offset">What is added.</param>
/// <param name="ByFanIn">Whether the factor is divided by the root of the layer's inputs (K. He et al., 2015).</param>
public sealed record Draw(double Scale, double Offset = 0, bool ByFanIn = false)
{
    /// <summary>A tensor of one value, for which no random numbers are drawn.</summary>
    /// <param name="value">The value.</param>
    public static Draw Constant(double value) => new(0, value) { IsConstant = true };

    /// <summary>Whether no random numbers are drawn.</summary>
    public bool IsConstant { get; init; }

    /// <summary>The factor for a layer.</summary>
    /// <param name="fanIn">The layer's inputs.</param>
    public float ScaleFor(int fanIn) => (float)(ByFanIn ? Scale / Math.Sqrt(fanIn) : Scale);
}

/// <summary>
/// A network and how it is trained, as data: embedding, then for each hidden size linear, normalization and tanh, then a linear layer
/// to the logits, which may be normalized. One generator draws the table C, the linear layers from first to last, and then the batches;
/// another one draws the normalizations from first to last.
/// </summary>
public sealed record Recipe
{
    const int MostLayers = 1000;

    /// <summary>The name by which it is chosen.</summary>
    public required string Name { get; init; }

    /// <summary>What it teaches, in a line.</summary>
    public required string Summary { get; init; }

    /// <summary>T, the characters that the next one is predicted from.</summary>
    public int Context { get; init; } = 3;

    /// <summary>E, the values that stand for a character.</summary>
    public int Embedding { get; init; } = 10;

    /// <summary>H, the units of each hidden layer.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [200];

    /// <summary>What follows each hidden layer, after its normalization.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>N, the examples of a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>The learning rate before its drop.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>The learning rate after its drop; null for a tenth of the one before.</summary>
    public double? FinalRate { get; init; }

    /// <summary>The learning rate after its drop.</summary>
    [JsonIgnore]
    public double FinalLearningRate => FinalRate ?? 0.1 * LearningRate;

    /// <summary>The part of the steps that the recipe takes by default, after which the learning rate drops.</summary>
    public double DropAfter { get; init; } = 0.5;

    /// <summary>How the weights of a hidden layer are drawn.</summary>
    public required Draw HiddenWeight { get; init; }

    /// <summary>How the bias of a hidden layer is drawn; null where there is none.</summary>
    public Draw? HiddenBias { get; init; }

    /// <summary>How the weights to the logits are drawn.</summary>
    public required Draw OutputWeight { get; init; }

    /// <summary>How the bias of the logits is drawn; null where there is none.</summary>
    public Draw? OutputBias { get; init; }

    /// <summary>The normalization after each hidden layer; null where there is none.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>
    /// How the gain of the logits' normalization is drawn; null where the logits are not normalized. All else is as in the hidden layers.
    /// </summary>
    public Draw? OutputGain { get; init; }

    /// <summary>The L2 loss, which training adds to the loss: Σ coefficient · mean(w²), by the names of the tensors w.</summary>
    public IReadOnlyDictionary<string, double> L2 { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Every recipe, in the order in which the lectures teach them.</summary>
    public static IReadOnlyList<Recipe> All => LectureRecipes.All;

    /// <summary>The recipe where nobody chose one.</summary>
    public static Recipe Default => LectureRecipes.Default;

    /// <summary>
    /// The gain of an activation, by which hidden weights are drawn so that a signal keeps its size: 5/3 for tanh, √2 for relu, 1 for
    /// sigmoid and for none, as <c>torch.nn.init.calculate_gain</c> has it; 1 for gelu, for which PyTorch names none.
    /// </summary>
    /// <param name="activation">The activation.</param>
    public static double GainOf(Activation activation) => activation switch
    {
        Activation.Tanh => 5.0 / 3,
        Activation.Relu => Math.Sqrt(2),
        _ => 1,
    };

    /// <summary>
    /// The recipe with another activation. Where the hidden weights are drawn by the gain of the activation before, they are drawn by that
    /// of the new one.
    /// </summary>
    /// <param name="activation">The activation.</param>
    public Recipe WithActivation(Activation activation) => this with
    {
        Activation = activation,
        HiddenWeight = HiddenWeight == new Draw(GainOf(Activation), ByFanIn: true)
            ? new Draw(GainOf(activation), ByFanIn: true)
            : HiddenWeight,
    };

    /// <summary>
    /// The recipe with another scale of its logits at the start: the factor of the last weights, which are divided by √(fan-in) where they
    /// were before; or, where the logits are normalized and no scale of weights survives, the normalization's gain.
    /// </summary>
    /// <param name="scale">The scale.</param>
    public Recipe WithOutputScale(double scale) => OutputGain is null
        ? this with { OutputWeight = OutputWeight with { Scale = scale } }
        : this with { OutputGain = Draw.Constant(scale) };

    /// <summary>Checks the settings, before anything is read or allocated by them.</summary>
    /// <exception cref="InvalidRequestException">A setting cannot be; the message names its option.</exception>
    public void Validate()
    {
        AtLeast(Context, 1, SettingName.Context);
        AtLeast(Embedding, 1, SettingName.Embedding);
        AtLeast(Batch, 1, SettingName.Batch);
        AtLeast(Hidden.Count, 1, $"the number of {SettingName.Hidden} layers");
        Require(Hidden.Count <= MostLayers, Hidden.Count, $"the number of {SettingName.Hidden} layers", $"at most {MostLayers}");
        foreach (int hidden in Hidden)
        {
            AtLeast(hidden, 1, SettingName.Hidden);
        }
        if (Normalization is { Kind: NormalizationKind.Batch } && Batch < 2)
        {
            throw new InvalidRequestException(
                $"{SettingName.Batch} {Batch} is too small for BatchNorm, which needs two examples for a variance: use at least 2");
        }
        if (Normalization is null && OutputGain is not null)
        {
            throw new InvalidRequestException($"recipe {Name} normalizes the logits and not the hidden layers: give it a normalization");
        }
        AboveZero(LearningRate, SettingName.LearningRate);
        AboveZero(FinalRate ?? 1, SettingName.FinalRate);
        Finite(HiddenWeight.Scale, HiddenWeight.ByFanIn ? SettingName.Gain : SettingName.HiddenScale);
        Finite(HiddenBias?.Scale ?? 0, SettingName.HiddenBias);
        Finite(OutputWeight.Scale, OutputWeight.ByFanIn ? $"{SettingName.OutputGain} or "
            + $"{SettingName.OutputScale}" : SettingName.OutputScale);
        Finite(OutputBias?.Scale ?? 0, SettingName.OutputBias);
        Finite(OutputGain?.Offset ?? 0, SettingName.OutputScale);
        Draw?[] draws = [HiddenWeight, HiddenBias, OutputWeight, OutputBias, OutputGain, Normalization?.Gain, Normalization?.Bias];
        foreach (Draw draw in draws.OfType<Draw>())
        {
            Finite(draw.Scale, "a factor of random numbers");
            Finite(draw.Offset, "an offset of random numbers");
        }
        Require(DropAfter is >= 0 and <= 1, DropAfter, "the part of the steps after which the learning rate drops", "a number from 0 to 1");
        Normalization?.Validate();
        foreach ((string tensor, double coefficient) in L2)
        {
            Finite(coefficient, $"{SettingName.L2} {tensor}");
        }
    }

    /// <summary>The recipe of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="InvalidRequestException">There is no such recipe.</exception>
    public static Recipe Named(string name) =>
        All.FirstOrDefault(recipe => recipe.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidRequestException(
            $"unknown recipe '{name}'{Suggestion.For(name, All.Select(recipe => recipe.Name))}: use "
            + $"{string.Join(", ", All.Select(recipe => recipe.Name))}");

    internal static void Finite(double value, string option) =>
        Require(float.IsFinite((float)value), value, option, "a finite 32-bit number");

    internal static void Require(bool holds, double value, string option, string what)
    {
        if (!holds)
        {
            throw new InvalidRequestException($"{option} is {value.ToString(CultureInfo.InvariantCulture)} and must be {what}");
        }
    }

    static void AboveZero(double value, string option) =>
        Require(float.IsFinite((float)value) && (float)value > 0, value, option, "a 32-bit number above 0");

    internal static void AtLeast(int value, int least, string option)
    {
        if (value < least)
        {
            throw new InvalidRequestException($"{option} is {value} and must be at least {least}");
        }
    }
}
