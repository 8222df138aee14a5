using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Numerics;

[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
sealed class DeviceMathTests(TestBench bench) : KernelTests(bench)
{
    const float Infinity = float.PositiveInfinity;

    static readonly float[] Ordinary = Samples.Sweep(1e-30f, 104f, step: 9_973);

    static void ExpKernel(ArrayView<float> x, int count, ArrayView<float> y)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            y[i] = DeviceMath.Exp(x[i]);
        }
    }

    static void LogKernel(ArrayView<float> x, int count, ArrayView<float> y)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            y[i] = DeviceMath.Log(x[i]);
        }
    }

    [Test]
    public void Exp_keeps_its_digits_over_its_whole_range() => AssertFunction(ExpKernel, Math.Exp, Ordinary);

    // Between 87.3 and 104 the results are the largest numbers on one side, then infinity, and subnormal numbers on the other.
    [Test]
    public void Exp_keeps_its_digits_at_both_ends_of_its_range() => AssertFunction(ExpKernel, Math.Exp, Samples.Sweep(87f, 105f, step: 23));

    // Halfway between two multiples of ln 2 the reduced argument is largest and changes its sign.
    [Test]
    public void Exp_keeps_its_digits_where_its_reduction_changes() =>
        AssertFunction(ExpKernel, Math.Exp, [.. Enumerable.Range(0, 128).SelectMany(n => Around((float)((n + 0.5) * Math.Log(2))))]);

    [Test]
    public void Exp_of_special_values_is_exact() => Assert.That(
        Map(ExpKernel, [0f, -0f, Infinity, -Infinity, float.NaN, 89f, float.MaxValue, -105f, float.MinValue, float.Epsilon]),
        Is.EqualTo([1f, 1f, Infinity, 0f, float.NaN, Infinity, Infinity, 0f, 0f, 1f]));

    [Test]
    public void Log_keeps_its_digits_for_every_normal_number() =>
        AssertFunction(LogKernel, Math.Log, Positive(Samples.Sweep((float)Tolerances.SmallestNormal, float.MaxValue, step: 19_997)));

    // The logarithm itself goes to 0 there, and its digits must not.
    [Test]
    public void Log_keeps_its_digits_around_one() => AssertFunction(LogKernel, Math.Log, Positive(Samples.Sweep(0.999f, 1.001f, step: 1)));

    [Test]
    public void Log_keeps_its_digits_where_its_reduction_changes() => AssertFunction(
        LogKernel, Math.Log, [.. Enumerable.Range(-240, 480).SelectMany(n => Around((float)Math.Pow(2, n / 2.0)))]);

    // Unless the device takes them for 0.
    [Test]
    public void Log_takes_subnormal_numbers()
    {
        float[] x = Positive(Samples.Sweep(float.Epsilon, (float)Tolerances.SmallestNormal, step: 9_973));
        float[] y = Map(LogKernel, x);
        if (!y.All(float.IsNegativeInfinity))
        {
            AssertValues(y, Math.Log, x);
        }
    }

    [Test]
    public void Log_of_special_values_is_exact() => Assert.That(
        Map(LogKernel, [1f, 0f, -0f, -1f, float.MinValue, Infinity, -Infinity, float.NaN]),
        Is.EqualTo([0f, -Infinity, -Infinity, float.NaN, float.NaN, Infinity, float.NaN, float.NaN]));

    static float[] Positive(float[] values) => Array.FindAll(values, value => value > 0);

    // A positive number and a hundred of its neighbors on either side.
    static float[] Around(float center)
    {
        int bits = BitConverter.SingleToInt32Bits(center);
        return [.. Enumerable.Range(bits - 100, 201).Select(BitConverter.Int32BitsToSingle)];
    }

    void AssertFunction(Action<ArrayView<float>, int, ArrayView<float>> kernel, Func<double, double> function, float[] x) =>
        AssertValues(Map(kernel, x), function, x);

    static void AssertValues(float[] y, Func<double, double> function, float[] x) =>
        Tensors.AssertClose(y, Vector<double>.Build.Dense(x.Length, i => function(x[i])), Tolerances.ExpAndLog);

    float[] Map(Action<ArrayView<float>, int, ArrayView<float>> kernel, float[] x)
    {
        DeviceArray<float> y = Output(x.Length);
        var loaded = Bench.Accelerator.LoadKernel(kernel);
        loaded(Bench.Stream, Bench.Shape.Over(x.Length), Upload(x), x.Length, y);
        return y.Read();
    }
}
