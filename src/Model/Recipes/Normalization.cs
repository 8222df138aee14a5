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
}

/// <summary>The batch normalization after each hidden linear layer.</summary>
/// <param name="Gain">How the gain is drawn.</param>
/// <param name="Bias">How the bias is drawn.</param>
/// <param name="Epsilon">ε, which keeps the result finite where a feature does not vary; 0 is the lecture's (x - mean) / std.</param>
/// <param name="Momentum">m in running = (1-m)·running + m·batch.</param>
/// <param name="RunningStatistic">Whether the variance or the standard deviation is kept while training.</param>
/// <param name="Evaluation">Which statistics evaluation uses.</param>
/// <param name="Variance">How variances are estimated, the running ones as those of a batch.</param>
/// <param name="EpsilonOn">What ε is added to.</param>
public sealed record Normalization(
    Draw Gain, Draw Bias, double Epsilon, double Momentum, RunningStatistic RunningStatistic, EvaluationStatistics Evaluation,
    VarianceEstimator Variance = VarianceEstimator.Unbiased, EpsilonTarget EpsilonOn = EpsilonTarget.Variance)
{
    /// <summary>The constants as the kernels take them.</summary>
    [JsonIgnore]
    public BatchNormConstants Constants => new((float)Epsilon, (float)Momentum, RunningStatistic, Variance, EpsilonOn);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="InvalidRequestException">A setting cannot be; the message names its option.</exception>
    public void Validate()
    {
        Recipe.Require(
            float.IsFinite((float)Epsilon) && (float)Epsilon >= 0, Epsilon, "--bn-epsilon", "0 or a 32-bit number above it");
        Recipe.Require(Momentum is >= 0 and <= 1, Momentum, "--bn-momentum", "a number from 0 to 1");
    }
}
