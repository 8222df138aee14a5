namespace Makemore.Gpu.Model.Evaluation;

/// <summary>The running statistics of a normalization, beside those calibrated over the training split.</summary>
/// <param name="Layer">The layer's index in the network's list.</param>
/// <param name="Mean">The mean of each feature.</param>
/// <param name="Spread">The variance of each feature, or its standard deviation where the recipe keeps that.</param>
sealed record StatisticsComparison(int Layer, StatisticsPair Mean, StatisticsPair Spread);

/// <summary>A statistic of each feature, twice.</summary>
/// <param name="Running">As training kept it.</param>
/// <param name="Calibrated">As it is over the whole training split.</param>
sealed record StatisticsPair(IReadOnlyList<float> Running, IReadOnlyList<float> Calibrated)
{
    /// <summary>The mean over the features, as training kept them.</summary>
    public double RunningAverage => Running.Average(value => (double)value);

    /// <summary>The mean over the features of the whole training split.</summary>
    public double CalibratedAverage => Calibrated.Average(value => (double)value);

    /// <summary>The largest difference between the two.</summary>
    public double LargestDifference => Differences.Max();

    /// <summary>The mean of the differences, without their signs.</summary>
    public double MeanDifference => Differences.Average();

    IEnumerable<double> Differences => Running.Zip(Calibrated, (running, calibrated) => Math.Abs((double)running - calibrated));
}
