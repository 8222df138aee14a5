using System.Diagnostics;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Measuring;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Measuring;

/// <summary>Operations that are measured, on an accelerator.</summary>
/// <param name="accelerator">Its name.</param>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class OperationMeterTests(string accelerator)
{
    static readonly MeasuredSizes Small = new(Batch: 4, Context: 3, Vocabulary: 5, Embedding: 2, Hidden: 16);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    OperationMeter Meter => new(Kernels, seconds: 1e-6);

    [Test]
    public void Every_operation_has_a_time()
    {
        Operation[] operations = [.. Small.Operations(Kernels, NamesFile.Embedded())];
        Assert.That(operations.Select(operation => operation.Name), Is.Unique);
        foreach (Operation operation in operations)
        {
            Measurement measurement = Meter.Measure(operation);
            using (Assert.EnterMultipleScope())
            {
                Assert.That((measurement.Name, measurement.Shape), Is.EqualTo((operation.Name, operation.Shape)));
                Assert.That(measurement.Cost, Is.SameAs(operation.Cost));
                Assert.That(measurement.Seconds, Is.Positive.And.LessThan(double.PositiveInfinity), operation.ToString());
            }
        }
    }

    // Their names are those of the properties of KernelSet, and of an activation.
    [Test]
    public void Every_operation_of_the_kernels_is_measured()
    {
        string[] others = [nameof(KernelSet.Launcher), nameof(KernelSet.Accelerator), nameof(KernelSet.Stream), nameof(KernelSet.Vectors)];
        IEnumerable<string> expected = typeof(KernelSet).GetProperties().Select(property => property.Name)
            .Except([.. others, nameof(KernelSet.Fused)])
            .Concat(Enum.GetNames<Activation>().Except([nameof(Activation.None)]));
        IEnumerable<string> measured = Small.Operations(Kernels, NamesFile.Embedded()).Select(operation => operation.Name.Split('.')[0]);
        string[] steps = ["training step, layered", "training step, fused"];
        Assert.That(measured, Is.SupersetOf(expected.Concat(steps)));
    }

    [Test]
    public void A_launch_that_does_it_many_times_is_shared_out()
    {
        const int Times = 10;
        var operation = new Operation("slow", "[1]", _ => new(() => Thread.Sleep(5)))
        {
            Cost = new Cost(1, 1, "1", "1"),
            TimesPerLaunch = Times,
        };
        long start = Stopwatch.GetTimestamp();
        Measurement measurement = Meter.Measure(operation);
        TimeSpan all = Stopwatch.GetElapsedTime(start);
        using (Assert.EnterMultipleScope())
        {
            // Of seven rounds, four took as long as their median.
            Assert.That(measurement.Seconds * Times * 4, Is.Positive.And.LessThanOrEqualTo(all.TotalSeconds));
            Assert.That(measurement.Gigaflops, Is.EqualTo(1 / measurement.Seconds / 1e9));
            Assert.That(measurement.Gigabytes, Is.EqualTo(4 / measurement.Seconds / 1e9));
        }
    }

    [Test]
    public void It_gives_up_when_it_is_told_to() => Assert.That(
        () => Meter.Measure(MatMulOperations.Multiply(2, 3, 4), new CancellationToken(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public void An_operation_of_unknown_cost_is_refused() =>
        Assert.That(
            () => Meter.Measure(new Operation("odd", "[1]", _ => new(() => { }))),
            Throws.ArgumentException.With.Message.Contains("odd"));
}
