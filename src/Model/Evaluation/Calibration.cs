using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// Calibration of batch normalization: the mean and the variance of each feature over a whole split, layer by layer, each with
/// the layers below already calibrated. They replace the running statistics.
/// </summary>
static class Calibration
{
    /// <summary>Calibrates all normalizations of a network.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="strategy">In which form to run it.</param>
    /// <param name="split">The training split; or another one, to see how its own statistics would judge it.</param>
    /// <param name="progress">Told how many more examples were run, of the split for each normalization; null for nobody.</param>
    /// <param name="cancellation">Gives up between two launches; the layers that were calibrated until then stay so.</param>
    /// <returns>The statistics as they were beside the calibrated ones, for each normalization in the order of the layers.</returns>
    public static IReadOnlyList<StatisticsComparison> Calibrate(
        KernelSet kernels, Mlp network, Strategy strategy, Split split, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(strategy);
        using var examples = new DeviceSplit(kernels, split);
        using IForwardPass forward = strategy.CreateForward(kernels, network);
        var comparisons = new List<StatisticsComparison>();
        for (int i = 0; i < network.Layers.Count; i++)
        {
            if (network.Layers[i] is BatchNormalization layer)
            {
                SplitMoments moments = forward.Moments(examples, i, progress, cancellation);
                comparisons.Add(new StatisticsComparison(
                    i,
                    Replace(layer.RunningMean, Array.ConvertAll(moments.Mean, mean => (float)mean)),
                    Replace(
                        layer.RunningVariance,
                        Array.ConvertAll(moments.Variance(layer.Constants), variance => (float)Stored(variance, layer.Constants)))));
            }
        }
        return comparisons;
    }

    /// <summary>Compares the statistics that a network has with calibrated ones, and leaves them as they are.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="strategy">In which form to run it.</param>
    /// <param name="split">The training split.</param>
    /// <param name="progress">Told how many more examples were run, of the split for each normalization; null for nobody.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    /// <returns>The comparison for each normalization, in the order of the layers.</returns>
    public static IReadOnlyList<StatisticsComparison> Compare(
        KernelSet kernels, Mlp network, Strategy strategy, Split split, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        // What is called the variance is the standard deviation where the recipe keeps that.
        (BatchNormalization Layer, float[] Mean, float[] Variance)[] running =
        [
            .. network.Layers.OfType<BatchNormalization>()
                .Select(layer => (layer, layer.RunningMean.ToArray(), layer.RunningVariance.ToArray())),
        ];
        try
        {
            return Calibrate(kernels, network, strategy, split, progress, cancellation);
        }
        finally
        {
            foreach ((BatchNormalization layer, float[] mean, float[] variance) in running)
            {
                layer.RunningMean.Set(mean);
                layer.RunningVariance.Set(variance);
            }
        }
    }

    /// <summary>
    /// The mean loss over each split, by the statistics of that split itself, by name. It is no measure of a model in use, which sees one
    /// example at a time. The network keeps the statistics of the last split.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="strategy">In which form to run it.</param>
    /// <param name="data">The data set.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public static IReadOnlyDictionary<string, double> LossesByOwnStatistics(
        KernelSet kernels, Mlp network, Strategy strategy, Dataset data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Splits.ToDictionary(part => part.Name, part =>
        {
            Calibrate(kernels, network, strategy, part.Split, cancellation: cancellation);
            using var evaluator = new Evaluator(kernels, network, strategy);
            return evaluator.Loss(part.Split, cancellation);
        });
    }

    static StatisticsPair Replace(Tensor statistic, float[] calibrated)
    {
        var pair = new StatisticsPair(statistic.ToArray(), calibrated);
        statistic.Set(calibrated);
        return pair;
    }

    static double Stored(double variance, BatchNormConstants constants) =>
        constants.Running == RunningStatistic.StandardDeviation ? Math.Sqrt(variance) : variance;
}
