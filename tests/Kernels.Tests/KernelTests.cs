using CsCheck;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>What tests of kernels share: the bench that they run on, and arrays on its device that live as long as the test.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.All))]
abstract class KernelTests(TestBench bench)
{
    readonly List<IDeviceArray> arrays = [];

    /// <summary>Ends the arrays of a test, and those that its launches took. Fails where a kernel wrote around one.</summary>
    [TearDown]
    public void Free()
    {
        IDeviceArray[] all = [.. arrays, .. Bench.TakeBack()];
        arrays.Clear();
        using (Assert.EnterMultipleScope())
        {
            foreach (IDeviceArray array in all)
            {
                array.AssertGuarded();
                array.Dispose();
            }
        }
    }

    /// <summary>The bench.</summary>
    protected TestBench Bench { get; set; } = bench;

    /// <summary>All operations on this bench.</summary>
    protected KernelSet Kernels => Bench.Kernels;

    /// <summary>A copy of the values on the device.</summary>
    /// <param name="values">The values.</param>
    protected DeviceArray<float> Upload(params float[] values) => Keep(Bench.Upload(values));

    /// <summary>A copy of the values on the device.</summary>
    /// <param name="values">The values.</param>
    protected DeviceArray<int> Upload(int[] values) => Keep(Bench.Upload(values));

    /// <summary>Where training stands, on the device.</summary>
    /// <param name="step">The step.</param>
    /// <param name="learningRate">The learning rate.</param>
    protected DeviceArray<StepState> State(int step, float learningRate = 0f) => Keep(Bench.State(step, learningRate));

    /// <summary>Memory for results, filled with NaN so that one that was never written shows.</summary>
    /// <param name="length">How many.</param>
    protected DeviceArray<float> Output(int length) => Keep(Bench.Output(length));

    /// <summary>Checks a property for random cases. What fails is reported with the seed that repeats it.</summary>
    /// <param name="cases">The generator of cases.</param>
    /// <param name="check">Fails where the property does not hold.</param>
    protected void ForAll<T>(Gen<T> cases, Action<T> check) => cases.Sample(
        item =>
        {
            check(item);
            Free();
        },
        iter: 20,
        threads: 1);

    /// <summary>Checks that a launcher refuses a view, and names it.</summary>
    /// <param name="argument">The name of the argument.</param>
    /// <param name="launch">The call.</param>
    protected static void AssertRejects(string argument, Action launch) =>
        Assert.That(launch, Throws.TypeOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(argument));

    /// <summary>Checks that a launcher refuses a number, and names it.</summary>
    /// <param name="argument">The name of the argument.</param>
    /// <param name="launch">The call.</param>
    protected static void AssertOutOfRange(string argument, Action launch) => Assert.That(
        launch, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(argument));

    /// <summary>Keeps an array on the device until the test ends.</summary>
    /// <param name="array">The array.</param>
    protected T Keep<T>(T array)
        where T : IDeviceArray
    {
        arrays.Add(array);
        return array;
    }
}
