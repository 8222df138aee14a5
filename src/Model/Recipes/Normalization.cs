using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>From where evaluation takes the mean of a normalized feature, and its variance or standard deviation.</summary>
public enum EvaluationStatistics
{
    /// <summary>The running statistics, kept while training.</summary>
    Running,

    /// <summary>Statistics of the whole training split, taken after training.</summary>
    Calibrated,

    /// <summary>There are none to keep: each example is normalized by its own, in evaluation as in training.</summary>
    None,
}

/// <summary>Over what a normalization takes mean and variance.</summary>
public enum NormalizationKind
{
    /// <summary>Each feature, over the examples of a batch.</summary>
    Batch,

    /// <summary>Each example, over its features (J. L. Ba et al., 2016).</summary>
    Layer,

    /// <summary>Each example, over the features of each of several groups (Y. Wu and K. He, 2018).</summary>
    Group,
}

/// <summary>The normalization after each hidden linear layer.</summary>
/// <param name="Gain">How the gain is drawn.</param>
/// <param name="Bias">How the bias is drawn.</param>
/// <param name="Epsilon">ε, which keeps the result finite where a feature does not vary; 0 is the lecture's (x - mean) / std.</param>
/// <param name="Momentum">m in running = (1-m)·running + m·batch.</param>
/// <param name="RunningStatistic">Whether the variance or the standard deviation is kept while training.</param>
/// <param name="Evaluation">Which statistics evaluation uses.</param>
/// <param name="Variance">How variances are estimated, the running ones as those of a batch.</param>
/// <param name="EpsilonOn">What ε is added to.</param>
/// <param name="Kind">Over what mean and variance are taken. Momentum and running statistic are those of a batch normalization.</param>
/// <param name="Groups">G, the groups of features of group normalization, of neighbors and all of one size; else 1.</param>
public sealed record Normalization(
    Draw Gain, Draw Bias, double Epsilon, double Momentum, RunningStatistic RunningStatistic, EvaluationStatistics Evaluation,
    VarianceEstimator Variance = VarianceEstimator.Unbiased, EpsilonTarget EpsilonOn = EpsilonTarget.Variance,
    NormalizationKind Kind = NormalizationKind.Batch, int Groups = 1)
{
    /// <summary>The normalization of a recipe that has none of its own: that of torch and of the lecture's deep network.</summary>
    public static Normalization Default { get; } = new(
        Draw.Constant(1), Draw.Constant(0), Epsilon: 1e-5, Momentum: 0.1, RunningStatistic.Variance, EvaluationStatistics.Running);

    /// <summary>The constants as the kernels of batch normalization take them.</summary>
    [JsonIgnore]
    public BatchNormConstants Constants => new((float)Epsilon, (float)Momentum, RunningStatistic, Variance, EpsilonOn);

    /// <summary>Whether each feature must differ among the examples of a batch, since else it is divided by 0.</summary>
    [JsonIgnore]
    public bool NeedsSpread => Kind == NormalizationKind.Batch && (float)Epsilon == 0;

    /// <summary>
    /// The normalization of each example by itself, with the same gain, bias and ε. Its variance is the biased one, with ε on it, and it
    /// keeps no statistics.
    /// </summary>
    /// <param name="kind">Layer or group.</param>
    /// <param name="groups">G; 1 for layer normalization.</param>
    public Normalization OfExamples(NormalizationKind kind, int groups) => this with
    {
        Kind = kind,
        Groups = groups,
        Evaluation = EvaluationStatistics.None,
        Variance = VarianceEstimator.Biased,
        EpsilonOn = EpsilonTarget.Variance,
    };

    /// <summary>
    /// The normalization with statistics of the whole training split in evaluation, as far as it is one of batches: after few steps the
    /// running statistics cost loss that has nothing to do with what was learned.
    /// </summary>
    public Normalization Calibrated() =>
        Kind == NormalizationKind.Batch ? this with { Evaluation = EvaluationStatistics.Calibrated } : this;

    /// <summary>Checks the settings.</summary>
    /// <exception cref="InvalidRequestException">A setting cannot be; the message names its option.</exception>
    public void Validate()
    {
        Recipe.Require(
            float.IsFinite((float)Epsilon) && (float)Epsilon >= 0, Epsilon, SettingName.BatchNormEpsilon, "0 or a 32-bit number above it");
        Recipe.AtLeast(Groups, 1, $"the number of groups of {SettingName.Normalization}");
        Recipe.Require(Momentum is >= 0 and <= 1, Momentum, SettingName.BatchNormMomentum, "a number from 0 to 1");
    }
}
