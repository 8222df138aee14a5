using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Tests.Normalization;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// Every operation on the CPU accelerator, whose groups the operating system schedules as it likes: with groups of several sizes, with one
/// group and with many, on one multiprocessor and on several, which run groups at the same time.
/// </summary>
[TestFixtureSource(nameof(Processor))]
sealed class ScheduleTests(TestBench bench) : KernelTests(bench)
{
    // N, H, V
    const int Batch = 37, Features = 12, Vocabulary = 11;

    // The longest that a test waits for kernels: reached only where one hangs.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    static readonly int[] GroupSizes = [1, 2, 3, 5, 8, 32];
    static readonly int[] GroupCounts = [1, 2, 7];
    static readonly int[] Multiprocessors = [1, 3];
    static readonly bool[] IsGpu = [false, true];

    static readonly float[] X = Samples.Normal(Batch * Features, seed: 1);
    static readonly float[] Dy = Samples.Normal(Batch * Features, seed: 2);
    static readonly float[] PerFeature = Samples.Normal(Features, seed: 3, mean: 1, deviation: 0.3);
    static readonly int[] Tokens = Samples.Integers(Batch, Vocabulary, seed: 4);

    readonly List<Accelerator> accelerators = [];
    AcceleratorCatalog[] catalogs = [];

    static TestBench[] Processor => [TestBenches.Processor];

    // Whether threads and groups of a GPU share a sum. How they do is for the launch shape to say, and for nothing else; where they do not,
    // and by the workers of a processor, each value is one thread's, in one order.
    static IEnumerable<TestCaseData> Operations =>
        from operation in new (string Name, bool IsShared, Func<ScheduleTests, DeviceArray<float>[]> Run)[]
        {
            ("matrix product", false, test => test.Multiply()),
            ("bias", false, test => test.AddBias()),
            ("column sums", true, test => test.SumColumns()),
            ("batchnorm", true, test => test.BatchNorm()),
            ("batchnorm's gradients", true, test => test.BatchNormBackward()),
            ("groupnorm", true, test => test.GroupNorm()),
            ("groupnorm's gradients", true, test => test.GroupNormBackward()),
            ("activation", false, test => test.Activate()),
            ("losses", false, test => test.Loss()),
            ("mean loss", true, test => test.MeanLoss()),
            ("L2 loss", true, test => test.L2Loss()),
            ("update", false, test => test.Update()),
            ("embedding", false, test => test.Embed()),
            ("embedding's gradient", true, test => test.EmbedBackward()),
            ("statistics", false, test => test.Summarize()),
        }
        from isGpu in IsGpu
        select new TestCaseData(operation.Run, operation.IsShared && isGpu, isGpu)
            .SetArgDisplayNames(operation.Name, isGpu ? "as a GPU" : "as a processor");

    [OneTimeSetUp]
    public void Start()
    {
        catalogs = [.. Multiprocessors.Select(count => KernelContext.OpenCatalog(
            new CPUDevice(numThreadsPerWarp: 2, numWarpsPerMultiprocessor: 16, numMultiprocessors: count)))];
        accelerators.AddRange(catalogs.Select(catalog => catalog.Start(catalog.Choose("cpu"))));
    }

    [OneTimeTearDown]
    public void End()
    {
        accelerators.ForEach(accelerator => accelerator.Dispose());
        Array.ForEach(catalogs, catalog => catalog.Dispose());
    }

    [TestCaseSource(nameof(Operations))]
    public void No_schedule_changes_a_bit_or_hangs(Func<ScheduleTests, DeviceArray<float>[]> operation, bool isShared, bool isGpu)
    {
        var work = Task.Run(() =>
        {
            float[]? expected = null;
            foreach ((int groupSize, int groups) in GroupSizes.SelectMany(size => GroupCounts.Select(count => (size, count))))
            {
                expected = isShared ? null : expected;
                foreach (Accelerator accelerator in accelerators)
                {
                    var shape = new LaunchShape(groupSize, groups, ThreadTileRows: 3, ThreadTileColumns: 5)
                    {
                        IsGpu = isGpu,
                        Cores = groupSize,
                    };
                    Bench = new TestBench(
                        $"cpu:{accelerator.NumMultiprocessors}", new Lazy<Accelerator>(accelerator), shape, misalignment: 0);
                    float[] actual = [.. operation(this).SelectMany(array => array.Read())];
                    Free();
                    expected ??= actual;
                    Tensors.AssertSameBits(actual, expected, $"{Bench}");
                }
            }
        });
        Assert.That(Task.WaitAny([work], Patience), Is.Zero, "a kernel hangs");
        work.GetAwaiter().GetResult();
    }

    DeviceArray<float>[] Multiply()
    {
        DeviceArray<float> plain = Output(Batch * 5), left = Output(Batch * Batch), right = Output(Batch * Batch);
        Kernels.MatMul.Multiply(Upload(X), Upload(X[..(Features * 5)]), Batch, Features, 5, plain);
        Kernels.MatMul.MultiplyLeftTransposed(Upload(X), Upload(Dy), Batch, Features, Batch, left);
        Kernels.MatMul.MultiplyRightTransposed(Upload(X), Upload(Dy), Batch, Features, Batch, right);
        return [plain, left, right];
    }

    DeviceArray<float>[] AddBias()
    {
        DeviceArray<float> y = Upload(X);
        Kernels.Bias.Add(Upload(PerFeature), Batch, Features, y);
        return [y];
    }

    DeviceArray<float>[] SumColumns()
    {
        DeviceArray<float> sums = Output(Features);
        Kernels.Bias.ColumnSums(Upload(Dy), Batch, Features, sums);
        return [sums];
    }

    DeviceArray<float>[] BatchNorm()
    {
        DeviceArray<float> y = Output(X.Length), mean = Output(Features), inverse = Output(Features);
        DeviceArray<float> runningMean = Upload(PerFeature), runningVariance = Upload(PerFeature);
        Kernels.BatchNorm.Forward(
            Upload(X), Upload(PerFeature), Upload(PerFeature), BatchNormForms.Plain, Batch, Features, y, mean, inverse, runningMean,
            runningVariance);
        return [y, mean, inverse, runningMean, runningVariance];
    }

    DeviceArray<float>[] BatchNormBackward()
    {
        DeviceArray<float> dx = Output(X.Length), dGain = Output(Features), dBias = Output(Features);
        Kernels.BatchNorm.Backward(
            Upload(X), Upload(PerFeature), Upload(PerFeature), Upload(PerFeature), BatchNormForms.Plain, Upload(Dy), Batch, Features, dx,
            dGain, dBias);
        return [dx, dGain, dBias];
    }

    DeviceArray<float>[] GroupNorm()
    {
        DeviceArray<float> y = Output(X.Length), mean = Output(Batch * 3), inverse = Output(Batch * 3);
        Kernels.GroupNorm.Forward(Upload(X), Upload(PerFeature), Upload(PerFeature), 1e-5f, Batch, Features, 3, y, mean, inverse);
        return [y, mean, inverse];
    }

    DeviceArray<float>[] GroupNormBackward()
    {
        DeviceArray<float> dx = Output(X.Length), dGain = Output(Features), dBias = Output(Features);
        Kernels.GroupNorm.Backward(
            Upload(X), Upload(X[..(Batch * 3)]), Upload(Dy[..(Batch * 3)]), Upload(PerFeature), Upload(Dy), Batch, Features, 3, dx, dGain,
            dBias);
        return [dx, dGain, dBias];
    }

    DeviceArray<float>[] Activate()
    {
        DeviceArray<float> y = Output(X.Length), dx = Output(X.Length);
        Kernels.Tanh.Forward(Upload(X), y);
        Kernels.Tanh.Backward(y, Upload(Dy), dx);
        return [y, dx];
    }

    DeviceArray<float>[] Loss()
    {
        DeviceArray<float> losses = Output(Batch), dLogits = Output(Batch * Features);
        Kernels.SoftmaxCrossEntropy.LossAndGradient(Upload(X), Upload(Tokens), Features, losses, dLogits);
        return [losses, dLogits];
    }

    DeviceArray<float>[] MeanLoss()
    {
        DeviceArray<float> record = Output(2);
        Kernels.SoftmaxCrossEntropy.Mean(Upload(X), State(1), record);
        return [record];
    }

    DeviceArray<float>[] L2Loss()
    {
        DeviceArray<float> record = Upload(1f, 2f);
        Kernels.L2Penalty.Add(Upload(X), 0.3f, State(1), record);
        return [record];
    }

    DeviceArray<float>[] Update()
    {
        DeviceArray<float> gradients = Upload(Dy), parameters = Upload(X);
        Kernels.L2Penalty.AddGradient(parameters, 0.3f, gradients);
        DeviceArray<StepState> state = State(0, 0.1f);
        Kernels.Sgd.Update(gradients, state, parameters);
        return [gradients, parameters];
    }

    DeviceArray<float>[] Embed()
    {
        DeviceArray<int> tokens = Upload(new int[Batch * 3]), targets = Upload(new int[Batch]);
        Kernels.BatchGather.Gather(Upload(Tokens), Upload(Samples.Integers(Batch, Batch, seed: 5)), State(0), 3, tokens, targets);
        DeviceArray<float> y = Output(Batch * 3 * 2);
        Kernels.Embedding.Forward(Upload(X[..(Vocabulary * 2)]), tokens, 2, y);
        return [y];
    }

    DeviceArray<float>[] EmbedBackward()
    {
        DeviceArray<float> dTable = Output(Vocabulary * Features);
        Kernels.Embedding.Backward(Upload(Tokens), Upload(Dy), Features, dTable);
        return [dTable];
    }

    DeviceArray<float>[] Summarize()
    {
        DeviceArray<float> summary = Output(Statistics.SummaryLength);
        Kernels.Statistics.Summarize(Upload(X), Output(Statistics.ScratchLength), summary);
        return [summary];
    }
}
