using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>Measures distributions of tensors where they are, on the accelerator: only the results come to the host.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="bins">The bins of a histogram; null for as many as its values carry.</param>
sealed class DistributionMeter(KernelSet kernels, int? bins = null) : IDisposable
{

    readonly MemoryBuffer1D<float, Stride1D.Dense> scratch = kernels.Accelerator.Allocate1D<float>(Statistics.ScratchLength);
    readonly MemoryBuffer1D<float, Stride1D.Dense> summary = kernels.Accelerator.Allocate1D<float>(Statistics.SummaryLength);
    readonly MemoryBuffer1D<int, Stride1D.Dense> counts = kernels.Accelerator.Allocate1D<int>(bins ?? FittingBins.Fine);

    /// <summary>The memory that it takes.</summary>
    public static IEnumerable<PlannedBuffer> Plan() =>
    [
        PlannedBuffer.Of<float>("scratch of a distribution", Statistics.ScratchLength),
        PlannedBuffer.Of<float>("summary of a distribution", Statistics.SummaryLength),
        PlannedBuffer.Of<int>("histogram", FittingBins.Fine),
    ];

    /// <summary>The memory that <see cref="CountBeyond"/> takes meanwhile.</summary>
    /// <param name="columns">Columns.</param>
    public static PlannedBuffer PlanCounts(int columns) => PlannedBuffer.Of<int>("counts of columns", columns);

    /// <summary>Mean, standard deviation and histogram.</summary>
    /// <param name="x">Values, any shape, at least one.</param>
    /// <param name="range">Where the histogram begins and ends; null for the least and the largest value.</param>
    public Distribution Measure(ArrayView<float> x, (float Low, float High)? range = null)
    {
        kernels.Statistics.Summarize(x, scratch.View, summary.View);
        float[] values = kernels.Read<float>(summary.View);
        (float low, float high) = range ?? (values[2], values[3]);
        summary.View.SubView(2, 2).CopyFromCPU(kernels.Stream, [low, high]);
        counts.MemSetToZero(kernels.Stream);
        kernels.Statistics.Histogram(x, summary.View, counts.View);
        double margin = low == high ? 0.5 : 0;
        var histogram = new Histogram(low - margin, high + margin, kernels.Read<int>(counts.View));
        return new Distribution(values[0], values[1], bins is null ? FittingBins.Of(histogram) : histogram);
    }

    /// <summary>The standard deviation over n-1 alone.</summary>
    /// <param name="x">Values, any shape, at least one.</param>
    public double StandardDeviation(ArrayView<float> x)
    {
        kernels.Statistics.Summarize(x, scratch.View, summary.View);
        return kernels.Read<float>(summary.View)[1];
    }

    /// <summary>In each column, how many values are below one bound or above another.</summary>
    /// <param name="x">Values [rows, columns].</param>
    /// <param name="columns">Columns.</param>
    /// <param name="low">The bound below.</param>
    /// <param name="high">The bound above.</param>
    public int[] CountBeyond(ArrayView<float> x, int columns, float low, float high)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> beyond = kernels.Accelerator.Allocate1D<int>(columns);
        kernels.Statistics.CountBeyond(x, x.IntLength / columns, columns, low, high, beyond.View);
        return kernels.Read<int>(beyond.View);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        scratch.Dispose();
        summary.Dispose();
        counts.Dispose();
    }
}
