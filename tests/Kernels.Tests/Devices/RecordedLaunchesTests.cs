using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Tests.Devices;

/// <summary>Launches that run again and again, made or replayed; CUDA's are tested on a driver.</summary>
/// <param name="bench">The bench.</param>
sealed class RecordedLaunchesTests(TestBench bench) : KernelTests(bench)
{
    const int Rows = 7;
    const int Columns = 11;

    [Test]
    public void They_run_as_often_as_asked_each_after_the_one_before()
    {
        // y = tanh(y·W + b) and W += y: each launch needs all that the last one wrote.
        float[] expected = Train(launches => Repeat(launches, times: 7));
        float[] actual = Train(launches =>
        {
            using var recorded = new RecordedLaunches(Bench.Launcher, launches);
            recorded.Run(3);
            recorded.Run(1);
            recorded.Run(0);
            recorded.Run(3);
        });
        Tensors.AssertSameBits(actual, expected, "recorded");
    }

    // A step that gives way to other programs goes from all workers to one and back.
    [Test]
    public void They_run_by_one_worker_and_by_all_in_turns()
    {
        float[] expected = Train(launches => Repeat(launches, times: 7));
        float[] actual = Train(launches =>
        {
            using var recorded = new RecordedLaunches(Bench.Launcher, launches);
            recorded.Run(2);
            recorded.Run(2, workers: 1);
            recorded.Run(1);
            recorded.Run(1, workers: 1);
            recorded.Run(1);
        });
        Tensors.AssertSameBits(actual, expected, "recorded");
    }

    [Test]
    public void A_launch_that_cannot_be_recorded_is_refused_and_the_next_one_is_made()
    {
        if (Bench.Shape.IsGpu || !Bench.Name.StartsWith("cpu", StringComparison.Ordinal))
        {
            Assert.Ignore("these launches are not replayed");
        }
        ArrayView<float> x = Upload(Samples.Normal(Columns, seed: 5));
        ArrayView<float> copy = Output(Columns);
        using var recorded = new RecordedLaunches(Bench.Launcher, () => x.CopyToCPU(Bench.Launcher.Stream, new float[Columns]));
        Assert.That(() => recorded.Run(1), Throws.InvalidOperationException.With.Message.Contains("cannot be recorded"));
        Kernels.Tanh.Forward(x, copy);
        Assert.That(Kernels.Read(copy), Has.All.InRange(-1f, 1f));
    }

    static void Repeat(Action launches, int times)
    {
        for (int time = 0; time < times; time++)
        {
            launches();
        }
    }

    float[] Train(Action<Action> run)
    {
        DeviceArray<float> y = Upload(Samples.Normal(Rows * Columns, seed: 1));
        DeviceArray<float> product = Output(Rows * Columns);
        DeviceArray<float> weight = Upload(Samples.Normal(Columns * Columns, seed: 2));
        DeviceArray<float> gradient = Output(Columns * Columns);
        DeviceArray<float> bias = Upload(Samples.Normal(Columns, seed: 3));
        DeviceArray<StepState> state = State(step: 0, learningRate: 0.1f);
        run(() =>
        {
            Kernels.MatMul.Multiply(y, weight, Rows, Columns, Columns, product);
            Kernels.Bias.Add(bias, Rows, Columns, product);
            Kernels.Tanh.Forward(product, y);
            Kernels.MatMul.MultiplyLeftTransposed(y, product, Columns, Rows, Columns, gradient);
            Kernels.Bias.ColumnSums(product, Rows, Columns, bias);
            Kernels.Sgd.Update(gradient, state, weight);
        });
        return [.. y.Read(), .. weight.Read(), .. bias.Read()];
    }
}
