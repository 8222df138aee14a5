using Makemore.Gpu.Kernels.Reductions;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>What the diagnostics ask of a tensor.</summary>
static class StatisticsOperations
{
    /// <summary>Mean, deviation and extremes, with the operations that <see cref="Statistics"/> states.</summary>
    /// <param name="n">N, rows of x.</param>
    /// <param name="h">H, columns of x.</param>
    public static Operation Summarize(int n, int h) =>
        new("Statistics.Summarize", $"[{n}, {h}]", bench =>
        {
            Operand<float> x = bench.Input(n, h), scratch = bench.Output(Statistics.ScratchLength);
            Operand<float> summary = bench.Output(Statistics.SummaryLength);
            return new(() => bench.Kernels.Statistics.Summarize(x.View, scratch.View, summary.View));
        })
        {
            Cost = new(13.0 * n * h, ((double)n * h) + Statistics.SummaryLength, "13·N·H", "N·H + 4"),
        };
}
