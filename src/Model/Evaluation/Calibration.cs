using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Operations;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// Calibration of batch normalisation: the mean and the variance over n-1 of each feature over a whole split, layer by layer, each with
/// the layers below already calibrated. They take the place of the running statistics.
/// </summary>
public static class Calibration
{
    /// <summary>Calibrates all normalisations of a network.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="split">The training split.</param>
    public static void Calibrate(KernelSet kernels, Mlp network, Split split)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        using var examples = new DeviceSplit(kernels, split);
        using var activations = new Activations(kernels, network, Evaluator.Batch, withGradients: false);
        for (int i = 0; i < network.Layers.Count; i++)
        {
            if (network.Layers[i] is BatchNormalisation layer)
            {
                SplitMoments moments = Measure(kernels, network, i, examples, activations);
                layer.Mean.Set(Array.ConvertAll(moments.Mean, mean => (float)mean));
                layer.Spread.Set(Array.ConvertAll(moments.Variance, variance => (float)Spread(variance, layer.Constants.Spread)));
            }
        }
    }

    /// <summary>Compares the statistics that a network has with calibrated ones, and leaves them as they are.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="split">The training split.</param>
    /// <returns>The comparison for each normalisation, in the order of the layers.</returns>
    public static IReadOnlyList<StatisticsComparison> Compare(KernelSet kernels, Mlp network, Split split)
    {
        ArgumentNullException.ThrowIfNull(network);
        (float[] Mean, float[] Spread)[] running = Values(network);
        Calibrate(kernels, network, split);
        (float[] Mean, float[] Spread)[] calibrated = Values(network);
        foreach ((BatchNormalisation layer, (float[] mean, float[] spread)) in network.Layers.OfType<BatchNormalisation>().Zip(running))
        {
            layer.Mean.Set(mean);
            layer.Spread.Set(spread);
        }
        return
        [
            .. Enumerable.Range(0, network.Layers.Count).Where(layer => network.Layers[layer] is BatchNormalisation).Select((layer, i) =>
                new StatisticsComparison(
                    layer, new StatisticsPair(running[i].Mean, calibrated[i].Mean), new StatisticsPair(running[i].Spread, calibrated[i].Spread))),
        ];
    }

    static (float[] Mean, float[] Spread)[] Values(Mlp network) =>
        [.. network.Layers.OfType<BatchNormalisation>().Select(layer => (layer.Mean.ToArray(), layer.Spread.ToArray()))];

    static double Spread(double variance, RunningSpread measure) =>
        measure == RunningSpread.StandardDeviation ? Math.Sqrt(variance) : variance;

    static SplitMoments Measure(KernelSet kernels, Mlp network, int layer, DeviceSplit examples, Activations activations)
    {
        Tensor input = layer == 0 ? activations.Embedded : activations.Outputs[layer - 1];
        int features = network.Layers[layer].Outputs;
        using var batchMoments = new TensorStore(kernels.Accelerator, kernels.Stream, withGradients: false);
        Tensor mean = batchMoments.Add("mean", features);
        Tensor squares = batchMoments.Add("squares", features);
        var moments = new SplitMoments(features);
        foreach ((ArrayView<int> tokens, ArrayView<int> targets, _) in examples.Batches(activations.Batch))
        {
            int size = targets.IntLength;
            network.Forward(tokens, activations, Pass.Evaluation, layer);
            kernels.BatchNorm.Moments(input.First(size * features), size, features, mean.Data, squares.Data);
            moments.Merge(size, mean.ToArray(), squares.ToArray());
        }
        return moments;
    }

    /// <summary>
    /// Means and squared differences of many batches, merged in double (T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae
    /// and a pairwise algorithm for computing sample variances", 1979).
    /// </summary>
    sealed class SplitMoments(int features)
    {
        readonly double[] squares = new double[features];
        long count;

        public double[] Mean { get; } = new double[features];

        public double[] Variance => Array.ConvertAll(squares, sum => sum / (count - 1));

        public void Merge(int size, float[] batchMean, float[] batchSquares)
        {
            long merged = count + size;
            for (int feature = 0; feature < features; feature++)
            {
                double difference = batchMean[feature] - Mean[feature];
                Mean[feature] += difference * size / merged;
                squares[feature] += batchSquares[feature] + (difference * difference * count * size / merged);
            }
            count = merged;
        }
    }
}
