using System.Globalization;
using System.Text.Json.Serialization;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Makemore.Gpu.Model.Measuring;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>One measurement.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Method">The benchmark's method: MathNet, Resident or WithCopies.</param>
/// <param name="Accelerator">Where it ran; null for MathNet.</param>
/// <param name="MedianNanoseconds">The median time of one operation; null where the measurement failed.</param>
/// <param name="ErrorNanoseconds">Half the distance between the quartiles: half of all measurements are about that close to the
/// median.</param>
public sealed record Row(
    string Operation, string Shape, string Method, string? Accelerator, double? MedianNanoseconds, double? ErrorNanoseconds)
{
    /// <summary>Takes a measurement over from BenchmarkDotNet.</summary>
    /// <param name="report">BenchmarkDotNet's report.</param>
    public static Row Of(BenchmarkReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        BenchmarkCase benchmark = report.BenchmarkCase;
        Operation operation = ((AcceleratorBenchmark)Activator.CreateInstance(benchmark.Descriptor.Type)!)
            .Find((string)benchmark.Parameters[nameof(AcceleratorBenchmark.Operation)]);
        var accelerator = (string)benchmark.Parameters[nameof(AcceleratorBenchmark.Accelerator)];
        string method = benchmark.Descriptor.WorkloadMethod.Name;
        bool isReference = method == nameof(OperationBenchmark.MathNet);
        Statistics? statistics = report.ResultStatistics;
        return new Row(
            operation.Name, operation.Shape, method, isReference ? null : accelerator,
            Rounded(statistics?.Median), Rounded(statistics?.InterquartileRange / 2));
    }

    /// <summary>The median time in a unit that suits it, to three digits.</summary>
    [JsonIgnore]
    public string Time => MedianNanoseconds switch
    {
        null => "failed",
        < 1e3 and { } time => $"{ThreeDigits(time)} ns",
        < 1e6 and { } time => $"{ThreeDigits(time / 1e3)} µs",
        { } time => $"{ThreeDigits(time / 1e6)} ms",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Operation} {Shape}, {Method}{(Accelerator is null ? "" : " on " + Accelerator)}: {Time}";

    static double? Rounded(double? nanoseconds) => nanoseconds is { } time ? Math.Round(time, 1) : null;

    static string ThreeDigits(double value) =>
        value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
