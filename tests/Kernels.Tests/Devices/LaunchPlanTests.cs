using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Kernels.Tests.Devices;

/// <summary>What operations tell of their launches is what the launches take.</summary>
/// <param name="bench">The bench.</param>
// The views of a plan begin at whole quads.
sealed class LaunchPlanTests(TestBench bench) : KernelTests(bench.Misaligned(0))
{
    // Rows enough for slices on every GPU; columns in whole quads and not.
    static readonly (int Rows, int Columns)[] Sizes = [(2, 3), (3000, 8), (4100, 7)];

    [Test]
    public void A_product_takes_what_it_tells([ValueSource(nameof(Sizes))] (int Rows, int Columns) size)
    {
        (int rows, int columns) = size;
        DeviceArray<float> x = Output(rows * columns), y = Output(rows * 5), w = Output(columns * 5);
        AssertTaken(
            plan => Kernels.MatMul.PlanMultiply(plan, rows, columns, 5),
            () => Kernels.MatMul.Multiply(x, w, rows, columns, 5, y));
        AssertTaken(
            plan => Kernels.MatMul.PlanLeftTransposed(plan, columns, rows, 5),
            () => Kernels.MatMul.MultiplyLeftTransposed(x, y, columns, rows, 5, w));
        AssertTaken(
            plan => Kernels.MatMul.PlanRightTransposed(plan, rows, 5, columns),
            () => Kernels.MatMul.MultiplyRightTransposed(y, w, rows, 5, columns, x));
    }

    [Test]
    public void The_gradient_of_a_bias_takes_what_it_tells([ValueSource(nameof(Sizes))] (int Rows, int Columns) size)
    {
        DeviceArray<float> dy = Output(size.Rows * size.Columns), sums = Output(size.Columns);
        AssertTaken(
            plan => Kernels.Bias.PlanColumnSums(plan, size.Rows, size.Columns),
            () => Kernels.Bias.ColumnSums(dy, size.Rows, size.Columns, sums));
    }

    [Test]
    public void Normalizations_take_what_they_tell([ValueSource(nameof(Sizes))] (int Rows, int Columns) size)
    {
        (int rows, int columns) = size;
        DeviceArray<float> x = Output(rows * columns), y = Output(rows * columns), mean = Output(rows), rstd = Output(rows);
        DeviceArray<float> Vector() => Output(columns);
        DeviceArray<float> gain = Vector(), bias = Vector(), batchMean = Vector(), deviation = Vector(), a = Vector(), b = Vector();
        var constants = new BatchNormConstants { Epsilon = 1e-5f };
        AssertTaken(
            plan => Kernels.BatchNorm.PlanForward(plan, rows, columns),
            () => Kernels.BatchNorm.Forward(x, gain, bias, constants, rows, columns, y, batchMean, deviation, a, b));
        AssertTaken(
            plan => Kernels.BatchNorm.PlanBackward(plan, rows, columns),
            () => Kernels.BatchNorm.Backward(x, batchMean, deviation, gain, constants, y, rows, columns, x, a, b));
        AssertTaken(
            plan => Kernels.GroupNorm.PlanBackward(plan, rows, columns),
            () => Kernels.GroupNorm.Backward(x, mean, rstd, gain, y, rows, columns, groups: 1, x, a, b));
    }

    [Test]
    public void The_gradient_of_the_table_takes_what_it_tells([ValueSource(nameof(Sizes))] (int Rows, int Columns) size)
    {
        DeviceArray<int> tokens = Keep(Bench.Upload(new int[size.Rows]));
        DeviceArray<float> dy = Output(size.Rows * size.Columns), table = Output(5 * size.Columns);
        AssertTaken(
            plan => Kernels.Embedding.PlanBackward(plan, size.Rows, 5 * size.Columns),
            () => Kernels.Embedding.Backward(tokens, dy, size.Columns, table));
    }

    [Test]
    public void The_penalty_takes_what_it_tells([Values(1, 30_000)] int weights)
    {
        DeviceArray<float> values = Output(weights), record = Output(1);
        DeviceArray<StepState> state = State(step: 0);
        AssertTaken(plan => Kernels.L2Penalty.PlanAdd(plan, weights), () => Kernels.L2Penalty.Add(values, 0.1f, state, record));
    }

    [Test]
    public void A_workspace_that_grows_keeps_what_it_has_outgrown()
    {
        Launcher launcher = Bench.Launcher with { Lend = null };
        var workspace = new Workspace(launcher);
        var plan = new LaunchPlan();
        foreach (int length in (int[])[100, 90, 110, 1000, 300])
        {
            plan.Take<float>(workspace, length);
        }
        Assert.That(
            plan.WorkspaceBytes,
            Is.EqualTo(
                AlignedBuffer.BytesOf(launcher, 100) + AlignedBuffer.BytesOf(launcher, 200) + AlignedBuffer.BytesOf(launcher, 1000)));
    }

    // The workspaces of all accelerators, and the launches of those that can be recorded. Nothing runs.
    void AssertTaken(Action<LaunchPlan> tell, Action launch)
    {
        var plan = new LaunchPlan();
        tell(plan);
        var recorded = new List<IRecordedLaunch>();
        bool isRecordable = !Bench.Shape.IsGpu && Bench.Name.StartsWith("cpu", StringComparison.Ordinal);
        Bench.Launcher.Recording = isRecordable ? recorded : null;
        try
        {
            launch();
        }
        finally
        {
            Bench.Launcher.Recording = null;
        }
        IReadOnlyList<DeviceArray<float>> taken = Bench.TakeBack();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(plan.WorkspaceBytes, Is.EqualTo(taken.Sum(array => AlignedBuffer.BytesOf(Bench.Launcher, array.View.Length))));
            Assert.That(plan.Launches, isRecordable ? Is.EqualTo(recorded.Count) : Is.Positive);
        }
        Bench.Stream.Synchronize();
        foreach (DeviceArray<float> array in taken)
        {
            array.Dispose();
        }
    }
}
