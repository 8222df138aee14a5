using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.EventProcessors;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Makemore.Gpu.Benchmarks.Operations;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;
using Perfolizer.Horology;
using Perfolizer.Mathematics.OutlierDetection;

namespace Makemore.Gpu.Benchmarks;

/// <summary>
/// Measures in this process, so that accelerators are started and kernels compiled only once, and no projects are generated.
/// </summary>
static class MeasuringRun
{
    // Short iterations, and the median of them: a busy machine spoils some, and the whole must take minutes. The warm-up is as long as the
    // tiered compiler needs.
    static readonly Job Job = Job.Default
        .WithToolchain(InProcessEmitToolchain.DontLogOutput)
        .WithWarmupCount(8)
        .WithIterationCount(11)
        .WithIterationTime(TimeInterval.FromMilliseconds(50))
        .WithEvaluateOverhead(false)
        .WithOutlierMode(OutlierMode.DontRemove);

    // For a GPU that is lent for minutes.
    static readonly Job ShortJob = Job
        .WithWarmupCount(4)
        .WithIterationCount(5)
        .WithIterationTime(TimeInterval.FromMilliseconds(20));

    /// <summary>Runs the benchmarks and shows their table.</summary>
    /// <param name="args">BenchmarkDotNet's arguments. Without any, everything is measured, and the results are recorded.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">This is a Debug build.</exception>
    public static int Run(string[] args) => args.Length == 0
        ? Run(Job, ["--filter", "*"], NullLogger.Instance, results => ResultsFile.Save(results.Machine, OperationResults.Kind, results))
        : Run(Job, args, ConsoleLogger.Default, save: null);

    /// <summary>Runs the benchmarks in a fraction of the time.</summary>
    /// <param name="filter">Which: a pattern of BenchmarkDotNet's.</param>
    /// <param name="path">The file for the results.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">This is a Debug build.</exception>
    public static int RunShort(string filter, string path) => Run(ShortJob, ["--filter", filter], NullLogger.Instance, results =>
    {
        ResultsFile.Write(path, results);
        return path;
    });

    static int Run(Job job, string[] args, ILogger logger, Func<OperationResults, string>? save)
    {
        Assembly assembly = typeof(MeasuringRun).Assembly;
        if (assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            throw new InvalidRequestException(
                "this is a Debug build, whose times mean nothing: use dotnet run -c Release --project benchmarks");
        }
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddFilter(new SimpleFilter(IsWanted))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(logger)
            .AddEventProcessor(new Progress())
            .WithOptions(ConfigOptions.DisableLogFile)
            // The program's own folder may be read-only.
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "makemore-BenchmarkDotNet.Artifacts"));
        try
        {
            foreach (FoundDevice device in Accelerators.Devices)
            {
                Console.WriteLine($"measured: {device.Name}, {device.Description}");
            }
            if (Accelerators.NoGpu is { } noGpu)
            {
                Console.WriteLine(noGpu);
            }
            Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(assembly).Run(args, config)];
            return summaries.Length == 0 ? 0 : Report(summaries, save);
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static int Report(Summary[] summaries, Func<OperationResults, string>? save)
    {
        var results = OperationResults.Of([.. summaries.SelectMany(summary => summary.Reports).Select(Row.Of)]);
        string[] faults =
        [
            .. summaries.SelectMany(summary => summary.ValidationErrors)
                .Where(error => error.IsCritical).Select(error => error.Message).Distinct(),
            .. results.Rows.Where(row => row.MedianNanoseconds is null).Select(row => row.ToString()),
        ];
        foreach (string fault in faults)
        {
            Console.Error.WriteLine(fault);
        }
        Console.WriteLine();
        if (!results.Rows.All(results.IsOfAlgorithms))
        {
            Console.WriteLine(OperationTable.ToMarkdown([results]));
        }
        if (results.Rows.Any(results.IsOfAlgorithms))
        {
            Console.WriteLine(AlgorithmsTable.ToMarkdown([results]));
        }
        if (save is not null && faults.Length == 0)
        {
            Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, save(results))}");
        }
        return faults.Length == 0 ? 0 : 1;
    }

    static bool IsWanted(BenchmarkCase benchmark) => benchmark.Descriptor.WorkloadMethod.Name switch
    {
        // MathNet runs on no accelerator: once is enough.
        nameof(OperationBenchmark.MathNet) =>
            (string)benchmark.Parameters[nameof(AcceleratorBenchmark.Accelerator)] == Accelerators.Devices[0].Name,
        // ILGPU.Algorithms is compared without copies.
        nameof(AcceleratorBenchmark.WithCopies) => benchmark.Descriptor.Type != typeof(AlgorithmsBenchmark),
        _ => true,
    };

    /// <summary>A line for each measurement.</summary>
    sealed class Progress : EventProcessor
    {
        public override void OnEndRunBenchmark(BenchmarkCase benchmarkCase, BenchmarkReport report) => Console.WriteLine(Row.Of(report));
    }
}
