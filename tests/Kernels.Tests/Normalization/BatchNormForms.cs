using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

/// <summary>Constants of each form of batch normalization, for the tests of all kernels.</summary>
static class BatchNormForms
{
    /// <summary>PyTorch's running statistics, with the unbiased variance.</summary>
    public static BatchNormConstants Plain { get; } = new(Epsilon: 1e-5f, Momentum: 0.1f, RunningStatistic.Variance);

    /// <summary>Every form: which statistic is stored, how it is estimated, and what ε is added to.</summary>
    public static BatchNormConstants[] All { get; } =
    [
        Plain,
        new(Epsilon: 0f, Momentum: 0.001f, RunningStatistic.StandardDeviation),
        new(Epsilon: 0.01f, Momentum: 0.5f, RunningStatistic.StandardDeviation),
        new(Epsilon: 1e-5f, Momentum: 0.1f, RunningStatistic.Variance, VarianceEstimator.Biased),
        new(Epsilon: 0.01f, Momentum: 0.3f, RunningStatistic.Variance, EpsilonOn: EpsilonTarget.Deviation),
        new(Epsilon: 0.01f, Momentum: 0.3f, RunningStatistic.StandardDeviation, VarianceEstimator.Biased, EpsilonTarget.Deviation),
    ];

    /// <summary>Those that hold for any values: without ε, a feature that does not vary is divided by 0.</summary>
    public static IEnumerable<BatchNormConstants> WithEpsilon => All.Where(constants => constants.Epsilon > 0);
}
