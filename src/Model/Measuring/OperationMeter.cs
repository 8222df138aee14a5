using System.Diagnostics;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Measuring;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>Measures operations, and what their device can do at most.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="seconds">How long each operation, and each ceiling, is measured at least.</param>
sealed class OperationMeter(KernelSet kernels, double seconds)
{
    // The median of them: a busy machine spoils some.
    const int Rounds = 7;

    // .NET replaces its first, slow code of a method when a tenth of a second has passed without new methods.
    const double WarmUpSeconds = 0.15;

    readonly DevicePeak peak = new(kernels.Launcher);

    /// <summary>Measures the device's ceilings.</summary>
    public Roofline MeasureDevice() => new(peak.Gigaflops(seconds), peak.Gigabytes(seconds));

    /// <summary>Measures an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="cancellation">Gives up between two rounds.</param>
    /// <exception cref="ArgumentException">Nobody says what the operation takes.</exception>
    public Measurement Measure(Operation operation, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        Cost cost = operation.Cost ?? throw new ArgumentException($"{operation} has no cost", nameof(operation));
        using var bench = new Bench(kernels);
        Action launch = operation.Prepare(bench).Launch;
        double warmUp = Math.Min(1.5 * seconds, WarmUpSeconds);
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < warmUp;)
        {
            Launch(1);
        }
        double round = seconds / Rounds;
        int launches = Math.Max(1, (int)(Rate.Of(round, first: 1, Launch) * round));
        var times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            Launch(launches);
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds / launches / operation.TimesPerLaunch;
        }
        return new(operation.Name, operation.Shape, cost, times.Median());

        void Launch(int count)
        {
            for (int i = 0; i < count; i++)
            {
                launch();
            }
            kernels.Stream.Synchronize();
        }
    }
}
