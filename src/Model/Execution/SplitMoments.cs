using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// Means and squared differences of many batches, merged in double (T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae
/// and a pairwise algorithm for computing sample variances", 1979).
/// </summary>
/// <param name="features">How many features.</param>
sealed class SplitMoments(int features)
{
    readonly double[] squares = new double[features];
    int count;

    /// <summary>The mean of each feature.</summary>
    public double[] Mean { get; } = new double[features];

    /// <summary>The variance of each feature.</summary>
    /// <param name="constants">How it is estimated.</param>
    public double[] Variance(BatchNormConstants constants) => Array.ConvertAll(squares, sum => sum / constants.VarianceDivisor(count));

    /// <summary>Takes in a batch.</summary>
    /// <param name="size">Its examples.</param>
    /// <param name="batchMean">Its means.</param>
    /// <param name="batchSquares">Its sums of squared differences from them.</param>
    public void Merge(int size, ReadOnlySpan<float> batchMean, ReadOnlySpan<float> batchSquares)
    {
        int merged = count + size;
        for (int feature = 0; feature < features; feature++)
        {
            double difference = batchMean[feature] - Mean[feature];
            Mean[feature] += difference * size / merged;
            squares[feature] += batchSquares[feature] + (difference * difference * count * size / merged);
        }
        count = merged;
    }
}
