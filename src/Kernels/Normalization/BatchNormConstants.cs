using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>Whether a running statistic, which training follows and a model stores, is a variance or a standard deviation.</summary>
public enum RunningStatistic
{
    /// <summary>The variance.</summary>
    Variance = 0,

    /// <summary>The standard deviation: the root of the variance.</summary>
    StandardDeviation = 1,
}

/// <summary>How the variance of N values is estimated.</summary>
public enum VarianceEstimator
{
    /// <summary>Σ (x - mean)² / (N-1).</summary>
    Unbiased = 0,

    /// <summary>Σ (x - mean)² / N.</summary>
    Biased = 1,
}

/// <summary>What ε is added to.</summary>
public enum EpsilonTarget
{
    /// <summary>The variance: r = 1 / √(variance + ε).</summary>
    Variance = 0,

    /// <summary>The standard deviation: r = 1 / (√variance + ε).</summary>
    Deviation = 1,
}

/// <summary>The constants of a batch normalization, and what follows from them alone.</summary>
/// <param name="Epsilon">ε, which keeps r finite where a feature does not vary; 0 gives (x - mean) / standard deviation.</param>
/// <param name="Momentum">
/// m in running = (1-m)·running + m·batch. In the layered form, 0 leaves the running statistics as they are, whatever the batch.
/// </param>
/// <param name="Running">Whether the running statistic is a variance or a standard deviation.</param>
/// <param name="Estimator">How variances are estimated, the running ones as those of a batch.</param>
/// <param name="EpsilonOn">What ε is added to.</param>
public readonly record struct BatchNormConstants(
    float Epsilon, float Momentum, RunningStatistic Running, VarianceEstimator Estimator = VarianceEstimator.Unbiased,
    EpsilonTarget EpsilonOn = EpsilonTarget.Variance)
{
    /// <summary>What the sum of squared differences is divided by: N-1 or N.</summary>
    /// <param name="batch">N.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int VarianceDivisor(int batch) => Estimator == VarianceEstimator.Unbiased ? batch - 1 : batch;

    /// <summary>r: 1 / √(variance + ε), or 1 / (√variance + ε); NaN where the deviation is above 2⁴⁸.</summary>
    /// <param name="variance">The variance.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal T InverseDeviation<T>(T variance)
        where T : unmanaged, ILanes<T>
    {
        T epsilon = T.Broadcast(Epsilon);
        return Inverse(EpsilonOn == EpsilonTarget.Variance ? T.Sqrt(variance + epsilon) : T.Sqrt(variance) + epsilon);
    }

    /// <summary>
    /// 1 / deviation; NaN where the deviation is above 2⁴⁸. Near the square root of the largest number, the sums of squares overflow, each
    /// form's at a size of its own, and 1 / ∞ = 0 would quietly make all values of a feature the same. So all forms stop at one size.
    /// </summary>
    /// <param name="deviation">The deviation, ε in it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T Inverse<T>(T deviation)
        where T : unmanaged, ILanes<T> =>
        T.Select(deviation, T.Broadcast(LargestDeviation), T.Broadcast(1f) / deviation, T.Broadcast(float.NaN));

    /// <summary>r by a statistic that is stored. The square of a deviation is exact enough: its root is the deviation again.</summary>
    /// <param name="statistic">The variance or the standard deviation, as <see cref="Running"/> says.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal T InverseOfStored<T>(T statistic)
        where T : unmanaged, ILanes<T> =>
        InverseDeviation(Running == RunningStatistic.StandardDeviation ? statistic * statistic : statistic);

    /// <summary>What is stored of a variance: itself, or its root.</summary>
    /// <param name="variance">The variance.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal T ToStored<T>(T variance)
        where T : unmanaged, ILanes<T> => Running == RunningStatistic.StandardDeviation ? T.Sqrt(variance) : variance;

    /// <summary>
    /// The factor k of x̂·dgain in the backward pass: 1 where ε is on the variance; else 1 / (r·√variance), which is 1 / (1 - ε·r).
    /// </summary>
    /// <param name="inverseDeviation">r.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal T SlopeFactor<T>(T inverseDeviation)
        where T : unmanaged, ILanes<T>
    {
        if (EpsilonOn == EpsilonTarget.Variance)
        {
            return T.Broadcast(1f);
        }

        // Where a feature does not vary, x̂ is 0, and so must its product with k be.
        T share = T.MultiplyAdd(T.Broadcast(-Epsilon), inverseDeviation, T.Broadcast(1f));
        return T.Broadcast(1f) / T.Max(T.Broadcast(SmallestShare), share);
    }

    // Its square, times the square of a batch of 65,536, is still a number: no feature of such a batch has a larger sum of squares, from
    // whatever value of its own the differences are taken.
    const float LargestDeviation = 1L << 48;

    // Half a unit in the last place of 1.
    const float SmallestShare = 1f / (1 << 24);
}
