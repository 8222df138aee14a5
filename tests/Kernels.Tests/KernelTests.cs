using CsCheck;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>What tests of kernels share: the bench that they run on, and arrays on its device that live as long as the test.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.All))]
abstract class KernelTests(TestBench bench)
{
    /// <summary>
    /// What stands where no kernel may write. A number, and not NaN: a kernel that goes too far often reads too far as well, and then
    /// it is NaN that it writes.
    /// </summary>
    protected const float Untouched = -1e30f;

    readonly List<IDisposable> arrays = [];

    /// <summary>Ends the arrays of a test.</summary>
    [TearDown]
    public void Free()
    {
        arrays.ForEach(array => array.Dispose());
        arrays.Clear();
    }

    /// <summary>The bench.</summary>
    protected TestBench Bench => bench;

    /// <summary>All operations on this bench.</summary>
    protected KernelSet Kernels => bench.Kernels;

    /// <summary>A copy of the values on the device.</summary>
    /// <param name="values">The values.</param>
    protected DeviceArray<float> Upload(params float[] values) => Keep(new DeviceArray<float>(bench, values, float.NaN));

    /// <summary>A copy of the values on the device.</summary>
    /// <param name="values">The values.</param>
    protected DeviceArray<int> Upload(int[] values) => Keep(new DeviceArray<int>(bench, values, int.MinValue));

    /// <summary>Where training stands, on the device.</summary>
    /// <param name="step">The step.</param>
    /// <param name="learningRate">The learning rate.</param>
    protected DeviceArray<StepState> State(int step, float learningRate = 0f) =>
        Keep(new DeviceArray<StepState>(bench, [new StepState(step, learningRate)], new StepState(int.MinValue, float.NaN)));

    /// <summary>Memory for results, filled with NaN so that one that was never written shows.</summary>
    /// <param name="length">How many.</param>
    protected DeviceArray<float> Output(int length) =>
        Keep(new DeviceArray<float>(bench, [.. Enumerable.Repeat(float.NaN, length)], Untouched));

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
        where T : IDisposable
    {
        arrays.Add(array);
        return array;
    }
}
