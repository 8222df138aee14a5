using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>What a batch normalization evaluates by.</summary>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="RunningMean">The stored mean [H].</param>
/// <param name="RunningVariance">The stored variance or standard deviation [H], as the constants say.</param>
/// <param name="Constants">ε, and which of its forms the normalization has.</param>
readonly record struct BatchNormValues(
    float[] Gain, float[] Bias, float[] RunningMean, float[] RunningVariance, BatchNormConstants Constants);
