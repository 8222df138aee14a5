using BenchmarkDotNet.Attributes;
using Makemore.Gpu.Model.Measuring;

namespace Makemore.Gpu.Benchmarks;

/// <summary>An operation on every accelerator, with resident data and with copies.</summary>
public abstract class AcceleratorBenchmark : IDisposable
{
    /// <summary>Launches before the host waits: training waits far less often than it launches.</summary>
    public const int LaunchesPerWait = 16;

    Bench? bench;
    Measured? measured;

    /// <summary>The operation's name.</summary>
    [ParamsSource(nameof(OperationNames))]
    public string Operation { get; set; } = "";

    /// <summary>
    /// The accelerator's name. It varies faster than the operation does, so that figures to be compared are close in time.
    /// </summary>
    [ParamsSource(nameof(AcceleratorNames), Priority = 1)]
    public string Accelerator { get; set; } = "";

    /// <summary>The names of the operations that are measured.</summary>
    public IEnumerable<string> OperationNames => Operations.Select(operation => $"{operation}");

    /// <summary>The operations that are measured.</summary>
    internal abstract IEnumerable<Operation> Operations { get; }

    /// <summary>The accelerators that are measured: all of this machine.</summary>
    public static IEnumerable<string> AcceleratorNames => Accelerators.Devices.Select(device => device.Name);

    /// <summary>How the operation is run.</summary>
    internal Measured Measured => measured ?? throw new InvalidOperationException("the operation is not prepared");

    Bench Bench => bench ?? throw new InvalidOperationException("the operation is not prepared");

    /// <summary>Puts the operands onto the accelerator.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        bench = new Bench(Accelerators.Kernels(Accelerator));
        measured = Find(Operation).Prepare(bench);
    }

    /// <summary>Frees the operands.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        Bench.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One of many launches in a row, operands and results staying on the accelerator.</summary>
    [Benchmark(OperationsPerInvoke = LaunchesPerWait)]
    public void Resident() => LaunchAndWait(Measured.Launch);

    /// <summary>A single launch: operands copied to the accelerator, results copied back and waited for.</summary>
    [Benchmark]
    public void WithCopies()
    {
        Bench.CopyInputs();
        Measured.Launch();
        Bench.CopyOutputs();
        Bench.Kernels.Stream.Synchronize();
    }

    /// <summary>The operation of a name.</summary>
    /// <param name="name">One of <see cref="OperationNames"/>.</param>
    internal Operation Find(string name) => Operations.Single(operation => $"{operation}" == name);

    /// <summary>Launches <see cref="LaunchesPerWait"/> times, and waits.</summary>
    /// <param name="launch">The launch.</param>
    protected void LaunchAndWait(Action launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        for (int launches = 0; launches < LaunchesPerWait; launches++)
        {
            launch();
        }
        Bench.Kernels.Stream.Synchronize();
    }
}

/// <summary>An operation on every accelerator and, as the baseline, on MathNet.</summary>
public abstract class OperationBenchmark : AcceleratorBenchmark
{
    /// <summary>The same on MathNet, in double on the processor. It is measured once, not with every accelerator.</summary>
    [Benchmark]
    public object MathNet() => Measured.Reference!();
}
