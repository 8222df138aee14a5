using Makemore.Gpu.Benchmarks.Operations;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What one run measured of the operations on one machine.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Accelerators">What each accelerator is, by name.</param>
/// <param name="NoGpu">Why there is no GPU among them; null where there is one.</param>
/// <param name="Rows">The measurements, in the order in which they were made.</param>
public sealed record OperationResults(
    string Machine, string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date,
    IReadOnlyDictionary<string, string> Accelerators, string? NoGpu, IReadOnlyList<Row> Rows)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "operations";

    /// <summary>The results of a run that has just ended on this machine.</summary>
    /// <param name="rows">The measurements.</param>
    public static OperationResults Of(IReadOnlyList<Row> rows) => new(
        ThisMachine.Name,
        ThisMachine.OperatingSystem,
        ThisMachine.Runtime,
        ThisMachine.Ilgpu,
        ThisMachine.Today,
        Benchmarks.Accelerators.Devices.ToDictionary(device => device.Name, device => device.Description),
        Benchmarks.Accelerators.NoGpu,
        rows);

    /// <summary>A measurement of an operation; null where there is none.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="accelerator">Where it ran; null for MathNet.</param>
    /// <param name="method">The benchmark's method.</param>
    public Row? Find(string operation, string shape, string? accelerator, string method) => Rows.FirstOrDefault(row =>
        (row.Operation, row.Shape, row.Accelerator, row.Method) == (operation, shape, accelerator, method));

    /// <summary>Whether a row is of an operation that is compared with ILGPU.Algorithms.</summary>
    /// <param name="row">One of the rows.</param>
    public bool IsOfAlgorithms(Row row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Rows.Any(other =>
            (other.Operation, other.Shape, other.Method) == (row.Operation, row.Shape, nameof(AlgorithmsBenchmark.Algorithms)));
    }
}
