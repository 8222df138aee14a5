using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// What the lectures look at in a tensor of any shape: its mean, its standard deviation over n-1, its extremes, its histogram, and how many
/// values are further from 0 than a threshold. Moments are gathered in a fixed number of parts and merged in a fixed order (T. F. Chan,
/// G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979), so that every launch
/// shape gives the same bits; counts are whole numbers, which atomics add up exactly in any order.
/// Reference: MathNet's <c>DescriptiveStatistics</c>.
/// </summary>
public sealed class Statistics
{
    /// <summary>Parts of a tensor whose moments are gathered side by side.</summary>
    public const int Parts = 256;

    /// <summary>Values of a summary: mean, standard deviation, minimum, maximum.</summary>
    public const int SummaryLength = 4;

    /// <summary>Values of the scratch that <see cref="Summarize"/> needs.</summary>
    public const int ScratchLength = Parts * SummaryLength;

    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<float>> extremes;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<float>> moments;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, ArrayView<float>> merge;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int, ArrayView<int>> histogram;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, float, ArrayView<int>> countBeyond;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Statistics(Launcher launcher)
    {
        this.launcher = launcher;
        extremes = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<float>>(ExtremesKernel);
        moments = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<float>>(MomentsKernel);
        merge = launcher.Accelerator.LoadKernel<ArrayView<float>, int, ArrayView<float>>(MergeKernel);
        histogram = launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, int, int, ArrayView<int>>(HistogramKernel);
        countBeyond = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, float, ArrayView<int>>(CountBeyondKernel);
    }

    /// <summary>
    /// The mean, the standard deviation over n-1 (not a number for a single value), the minimum and the maximum. With a value that is not finite
    /// the mean is not finite and the standard deviation not a number; the extremes are those of the finite values, ∞ and -∞ where there are none.
    /// </summary>
    /// <param name="x">Values, any shape, at least one.</param>
    /// <param name="scratch">Scratch [<see cref="ScratchLength"/>].</param>
    /// <param name="summary">Mean, standard deviation, minimum, maximum [<see cref="SummaryLength"/>].</param>
    public void Summarize(ArrayView<float> x, ArrayView<float> scratch, ArrayView<float> summary)
    {
        ArgumentOutOfRangeException.ThrowIfZero(x.Length, nameof(x));
        ViewChecks.CheckLength(scratch, ScratchLength);
        ViewChecks.CheckLength(summary, SummaryLength);
        extremes(launcher.Stream, launcher.Over(Parts), x, x.IntLength, scratch);
        moments(launcher.Stream, launcher.Over(Parts), x, x.IntLength, scratch);
        merge(launcher.Stream, new KernelConfig(1, 1), scratch, x.IntLength, summary);
    }

    /// <summary>
    /// Counts values in bins of one width from the minimum to the maximum, which belongs to the last bin, as <c>torch.histogram</c> does. Where all
    /// values are the same, the range is half a unit wider on both sides. A value that is not finite is counted nowhere.
    /// </summary>
    /// <param name="x">Values, any shape.</param>
    /// <param name="summary">Their summary.</param>
    /// <param name="counts">How many are in each bin [bins]; must be 0 before.</param>
    public void Histogram(ArrayView<float> x, ArrayView<float> summary, ArrayView<int> counts)
    {
        ViewChecks.CheckLength(summary, SummaryLength);
        ArgumentOutOfRangeException.ThrowIfZero(counts.Length, nameof(counts));
        histogram(launcher.Stream, launcher.Over(x.IntLength), x, summary, counts.IntLength, x.IntLength, counts);
    }

    /// <summary>Counts in each column the values with |x| above a threshold: how many examples of a batch saturate each unit.</summary>
    /// <param name="x">Values [rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="threshold">The threshold.</param>
    /// <param name="counts">The count of each column [columns].</param>
    public void CountBeyond(ArrayView<float> x, int rows, int columns, float threshold, ArrayView<int> counts)
    {
        ViewChecks.CheckLength(x, (long)rows * columns);
        ViewChecks.CheckLength(counts, columns);
        countBeyond(launcher.Stream, launcher.Over(columns), x, rows, columns, threshold, counts);
    }

    // One thread for each part. Neighboring parts take neighboring values.
    static void ExtremesKernel(ArrayView<float> x, int count, ArrayView<float> parts)
    {
        for (int part = GridStride.First, stride = GridStride.Stride; part < Parts; part += stride)
        {
            float minimum = float.PositiveInfinity;
            float maximum = float.NegativeInfinity;
            for (int i = part; i < count; i += Parts)
            {
                float value = x[i];
                minimum = value < minimum && value > float.NegativeInfinity ? value : minimum;
                maximum = value > maximum && value < float.PositiveInfinity ? value : maximum;
            }
            int place = part * SummaryLength;
            parts[place + 2] = minimum;
            parts[place + 3] = maximum;
        }
    }

    // One thread for each part. The moments are those of the places in the range of the values, counted from what is nearest to 0 in it: neither a
    // mean that is large beside the spread nor the square of a tiny value costs them their digits.
    static void MomentsKernel(ArrayView<float> x, int count, ArrayView<float> parts)
    {
        (float low, float high) = Range(parts);
        float origin = IntrinsicMath.Clamp(0f, low, high);
        for (int part = GridStride.First, stride = GridStride.Stride; part < Parts; part += stride)
        {
            float mean = 0f;
            float squares = 0f;
            int seen = 0;
            for (int i = part; i < count; i += Parts)
            {
                float value = Place(x[i], origin, high - low, 1);
                seen++;
                float difference = value - mean;
                mean += difference / seen;
                squares += difference * (value - mean);
            }
            int place = part * SummaryLength;
            parts[place] = mean;
            parts[place + 1] = squares;
        }
    }

    // A single thread: the order of the parts is that of their merging.
    static void MergeKernel(ArrayView<float> parts, int count, ArrayView<float> summary)
    {
        float mean = parts[0];
        float squares = parts[1];
        int seen = Seen(0, count);
        for (int part = 1, filled = IntrinsicMath.Min(Parts, count); part < filled; part++)
        {
            int place = part * SummaryLength;
            int more = Seen(part, count);
            int merged = seen + more;
            float difference = parts[place] - mean;
            float share = (float)more / merged;
            mean += difference * share;
            squares += parts[place + 1] + (difference * difference * seen * share);
            seen = merged;
        }
        (float low, float high) = Range(parts);
        float width = high - low;
        summary[0] = IntrinsicMath.Clamp(0f, low, high) + (width * mean);
        summary[1] = count > 1 ? width * XMath.Sqrt(squares / (count - 1)) : float.NaN;
        summary[2] = low;
        summary[3] = high;
    }

    // One thread for each value.
    static void HistogramKernel(ArrayView<float> x, ArrayView<float> summary, int bins, int count, ArrayView<int> counts)
    {
        float low = summary[2];
        float high = summary[3];
        float first = high > low ? 0f : 0.5f * bins;
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            float value = x[i];
            // NaN first: ILGPU takes "not greater" for "less or equal" on OpenCL, which differ for it.
            if (XMath.IsNaN(value) || value < low || value > high)
            {
                continue;
            }
            int bin = (int)(first + Place(value, low, high - low, bins));
            Atomic.Add(ref counts[IntrinsicMath.Min(bin, bins - 1)], 1);
        }
    }

    // One thread for each column.
    static void CountBeyondKernel(ArrayView<float> x, int rows, int columns, float threshold, ArrayView<int> counts)
    {
        for (int column = GridStride.First, stride = GridStride.Stride; column < columns; column += stride)
        {
            int beyond = 0;
            for (int row = 0; row < rows; row++)
            {
                float value = x[(row * columns) + column];
                beyond += value > threshold || value < -threshold ? 1 : 0;
            }
            counts[column] = beyond;
        }
    }

    // The extremes of all parts.
    static (float Low, float High) Range(ArrayView<float> parts)
    {
        float low = parts[2];
        float high = parts[3];
        for (int place = SummaryLength; place < ScratchLength; place += SummaryLength)
        {
            low = IntrinsicMath.Min(low, parts[place + 2]);
            high = IntrinsicMath.Max(high, parts[place + 3]);
        }
        return (low, high);
    }

    // Where a value lies in a range of some units; in one of no width all values that are not the same are not finite, and stay so.
    static float Place(float value, float origin, float width, int units)
    {
        float offset = (value - origin) * units;
        return width > 0f ? offset / width : offset;
    }

    // The values of a part.
    static int Seen(int part, int count) => (count - part + Parts - 1) / Parts;
}
