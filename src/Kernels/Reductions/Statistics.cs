using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// The statistics that the lectures plot of a tensor of any shape: mean, standard deviation, extremes, histogram, and how many values
/// saturate.
/// </summary>
/// <remarks>
/// <para>Of n values x:</para>
/// <code>
/// mean       = Σ x / n
/// deviation  = sqrt(Σ (x - mean)² / (n - 1))
/// histogram  : counts[bin] of bins of one width from min(x) to max(x)
/// beyond     : counts[j] = how many x[i, j] are below low or above high, for x [rows, columns]
/// </code>
/// <para>
/// Moments are partial results of <see cref="Partials"/> interleaved subsets of the values, merged in a fixed order, so every launch shape
/// gives the same bits. Counts are integers, which atomics add exactly in any order.
/// </para>
/// <para>
/// Cost. A summary reads x twice, for the extremes and for the moments, with some 13 operations per value. A histogram reads x once, with
/// one atomic addition per value. Counting beyond bounds reads x once and writes a count per column.
/// </para>
/// <para>Runs as. The kernels of this class, on every device. The fused kernel and the small steps have none.</para>
/// <para>
/// Reference: MathNet's <c>DescriptiveStatistics</c>. Source of the merged moments: T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating
/// formulae and a pairwise algorithm for computing sample variances", 1979.
/// </para>
/// </remarks>
sealed class Statistics
{
    /// <summary>
    /// Partial results of a summary, one thread each: partial p covers the values p, p + <see cref="Partials"/>, p + 2 ·
    /// <see cref="Partials"/> and so on.
    /// </summary>
    public const int Partials = 256;

    /// <summary>Length of a summary: mean, standard deviation, minimum, maximum.</summary>
    public const int SummaryLength = 4;

    /// <summary>Length of the scratch that <see cref="Summarize"/> needs: mean, squares, minimum, maximum of each partial.</summary>
    public const int ScratchLength = Partials * SummaryLength;

    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<float>> extremes;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<float>> moments;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<float>> merge;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int, ArrayView<int>> histogram;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, float, float, ArrayView<int>> countBeyond;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Statistics(Launcher launcher)
    {
        this.launcher = launcher;
        extremes = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<float>>(ExtremesKernel);
        moments = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<float>>(MomentsKernel);
        merge = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<float>>(MergeKernel);
        histogram = launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, int, int, ArrayView<int>>(HistogramKernel);
        countBeyond = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, float, float, ArrayView<int>>(CountBeyondKernel);
    }

    /// <summary>
    /// The mean, the standard deviation over n-1 (NaN for a single value), the minimum and the maximum. Where a value is not finite, the
    /// mean is not finite and the standard deviation is NaN; the extremes are those of the finite values, ∞ and -∞ where there are none.
    /// </summary>
    /// <param name="x">Values, any shape, at least one.</param>
    /// <param name="scratch">Scratch [<see cref="ScratchLength"/>].</param>
    /// <param name="summary">Mean, standard deviation, minimum, maximum [<see cref="SummaryLength"/>].</param>
    public void Summarize(ArrayView<float> x, ArrayView<float> scratch, ArrayView<float> summary)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        ViewChecks.CheckLength(scratch, ScratchLength);
        ViewChecks.CheckLength(summary, SummaryLength);
        extremes(launcher.Stream, launcher.Over(Partials), x, x.IntLength, scratch);
        moments(launcher.Stream, launcher.Over(Partials), x, x.IntLength, scratch);
        merge(launcher.Stream, new KernelConfig(1, 1), scratch, x.IntLength, summary);
    }

    /// <summary>
    /// Counts values in bins of one width from the minimum to the maximum, as <c>torch.histogram</c> does: the maximum belongs to the last
    /// bin. Where all values are equal, the range extends by 0.5 on both sides. A value that is not finite is not counted.
    /// </summary>
    /// <param name="x">Values, any shape.</param>
    /// <param name="summary">Their summary [<see cref="SummaryLength"/>].</param>
    /// <param name="counts">The count of each bin [bins]; must be 0 before.</param>
    public void Histogram(ArrayView<float> x, ArrayView<float> summary, ArrayView<int> counts)
    {
        ViewChecks.CheckLength(summary, SummaryLength);
        ArgumentOutOfRangeException.ThrowIfZero(counts.Length, nameof(counts));
        histogram(launcher.Stream, launcher.Over(x.IntLength), x, summary, counts.IntLength, x.IntLength, counts);
    }

    /// <summary>Counts the values of each column beyond two bounds: how many examples of a batch saturate each unit.</summary>
    /// <param name="x">Values [rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="low">Values below it count.</param>
    /// <param name="high">Values above it count.</param>
    /// <param name="counts">The count of each column [columns].</param>
    public void CountBeyond(ArrayView<float> x, int rows, int columns, float low, float high, ArrayView<int> counts)
    {
        ViewChecks.CheckLength(x, (long)rows * columns);
        ViewChecks.CheckLength(counts, columns);
        countBeyond(launcher.Stream, launcher.Over(columns), x, rows, columns, low, high, counts);
    }

    // One thread per partial result. Interleaved subsets make the loads coalesced.
    static void ExtremesKernel(ArrayView<float> x, int count, ArrayView<float> partials)
    {
        for (int partial = GridStride.First, stride = GridStride.Stride; partial < Partials; partial += stride)
        {
            float minimum = float.PositiveInfinity;
            float maximum = float.NegativeInfinity;
            for (int i = partial; i < count; i += Partials)
            {
                float value = x[i];
                minimum = value < minimum && value > float.NegativeInfinity ? value : minimum;
                maximum = value > maximum && value < float.PositiveInfinity ? value : maximum;
            }
            int offset = partial * SummaryLength;
            partials[offset + 2] = minimum;
            partials[offset + 3] = maximum;
        }
    }

    // One thread per partial result. The moments are those of (x - origin) / range, where the origin is the number of the range that is
    // nearest to 0: neither a mean much larger than the standard deviation nor squares that underflow cost digits.
    static void MomentsKernel(ArrayView<float> x, int count, ArrayView<float> partials)
    {
        (float low, float high) = Range(partials);
        float origin = IntrinsicMath.Clamp(0f, low, high);
        for (int partial = GridStride.First, stride = GridStride.Stride; partial < Partials; partial += stride)
        {
            float mean = 0f;
            float squares = 0f;
            int seen = 0;
            for (int i = partial; i < count; i += Partials)
            {
                float value = Scaled(x[i], origin, high - low, 1);
                seen++;
                float difference = value - mean;
                mean += difference / seen;
                squares += difference * (value - mean);
            }
            int offset = partial * SummaryLength;
            partials[offset] = mean;
            partials[offset + 1] = squares;
        }
    }

    // A single thread merges the partial results in order.
    static void MergeKernel(ArrayView<float> partials, int count, ArrayView<float> summary)
    {
        float mean = partials[0];
        float squares = partials[1];
        int seen = CountOf(0, count);
        for (int partial = 1, filled = IntrinsicMath.Min(Partials, count); partial < filled; partial++)
        {
            int offset = partial * SummaryLength;
            int more = CountOf(partial, count);
            int merged = seen + more;
            float difference = partials[offset] - mean;
            float share = (float)more / merged;
            mean += difference * share;
            squares += partials[offset + 1] + (difference * difference * seen * share);
            seen = merged;
        }
        (float low, float high) = Range(partials);
        float width = high - low;
        summary[0] = IntrinsicMath.Clamp(0f, low, high) + (width * mean);
        summary[1] = count > 1 ? width * XMath.Sqrt(squares / (count - 1)) : float.NaN;
        summary[2] = low;
        summary[3] = high;
    }

    // One thread per value.
    static void HistogramKernel(ArrayView<float> x, ArrayView<float> summary, int bins, int count, ArrayView<int> counts)
    {
        float low = summary[2];
        float high = summary[3];
        float first = high > low ? 0f : 0.5f * bins;
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            float value = x[i];
            // NaN first: on OpenCL ILGPU compiles "not greater" to "less or equal", which differ for NaN.
            if (XMath.IsNaN(value) || value < low || value > high)
            {
                continue;
            }
            int bin = (int)(first + Scaled(value, low, high - low, bins));
            Atomic.Add(ref counts[IntrinsicMath.Min(bin, bins - 1)], 1);
        }
    }

    // One thread per column: loads of a row are coalesced.
    static void CountBeyondKernel(ArrayView<float> x, int rows, int columns, float low, float high, ArrayView<int> counts)
    {
        for (int column = GridStride.First, stride = GridStride.Stride; column < columns; column += stride)
        {
            int beyond = 0;
            for (int row = 0; row < rows; row++)
            {
                float value = x[(row * columns) + column];
                beyond += value > high || value < low ? 1 : 0;
            }
            counts[column] = beyond;
        }
    }

    // The extremes of all partial results.
    static (float Low, float High) Range(ArrayView<float> partials)
    {
        float low = partials[2];
        float high = partials[3];
        for (int offset = SummaryLength; offset < ScratchLength; offset += SummaryLength)
        {
            low = IntrinsicMath.Min(low, partials[offset + 2]);
            high = IntrinsicMath.Max(high, partials[offset + 3]);
        }
        return (low, high);
    }

    // (value - origin) / width · units. A width of 0 is not divided by: a value other than the origin is then not finite and stays so.
    static float Scaled(float value, float origin, float width, int units)
    {
        float offset = (value - origin) * units;
        return width > 0f ? offset / width : offset;
    }

    // The number of values that a partial result covers.
    static int CountOf(int partial, int count) => (count - partial + Partials - 1) / Partials;
}
