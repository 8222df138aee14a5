using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>The way of a caller: a device in one line, tensors that know themselves, contexts of the caller's own.</summary>
sealed class ComputeDeviceTests
{
    static readonly float[] Values = [1, 2, 3, 4, 5, 6];
    static readonly int[] Targets = [1, 2];
    static readonly int[] Shape = [2, 3];

    [Test]
    public void The_best_device_of_the_machine_is_opened_in_one_line()
    {
        using var device = ComputeDevice.Open();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ComputeDevice.List().Select(found => found.Kind), Does.Contain(device.Kind).And.Contain(DeviceKind.Cpu));
            Assert.That(device.Description, Is.Not.Empty);
            Assert.That(device.MemoryBytes, Is.GreaterThan(0));
        }
    }

    [Test]
    public void A_device_that_is_not_there_is_named()
    {
        Assert.That(
            () => ComputeDevice.Open(DeviceKind.Cpu, index: 7),
            Throws.TypeOf<InvalidRequestException>().With.Message.Contain("cpu:7"));
        Assert.That(() => ComputeDevice.Open(DeviceKind.Cpu, index: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Tensors_know_their_shape_their_device_and_who_owns_them()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using Tensor tensor = device.Tensor(Shape, Values);
        using Tensor empty = device.Tensor(4);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tensor.Shape, Is.EqualTo(Shape));
            Assert.That(tensor.ToArray(), Is.EqualTo(Values));
            Assert.That(empty.ToArray(), Is.EqualTo(new float[4]));
            Assert.That((tensor.Accelerator, tensor.OwnsMemory, tensor.HasGradient), Is.EqualTo((device.Accelerator, true, false)));
            Assert.That($"{tensor}", Is.EqualTo("[2, 3]"));
        }
    }

    [Test]
    public void Shapes_that_cannot_be_and_values_that_do_not_fit_are_refused()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        Assert.That(() => device.Tensor(2, 0), Throws.ArgumentException.With.Message.Contain("[2, 0]"));
        Assert.That(() => device.Tensor(), Throws.ArgumentException);
        Assert.That(() => device.Tensor(1 << 16, 1 << 16), Throws.ArgumentException);
        Assert.That(
            () => device.Tensor([2, 2], [1, 2, 3]),
            Throws.ArgumentException.With.Message.Contain("3 values").And.Message.Contain("[2, 2]"));
    }

    [Test]
    public void Products_take_their_sizes_from_the_shapes()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using Tensor a = device.Tensor([2, 3], [1, 2, 3, 4, 5, 6]);
        using Tensor b = device.Tensor([3, 2], [7, 8, 9, 10, 11, 12]);
        using Tensor plain = device.Kernels.MatMul.Multiply(a, b);
        using Tensor left = device.Kernels.MatMul.MultiplyLeftTransposed(a, a);
        using Tensor right = device.Kernels.MatMul.MultiplyRightTransposed(a, a);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(($"{plain}", $"{left}", $"{right}"), Is.EqualTo(("[2, 2]", "[3, 3]", "[2, 2]")));
            Assert.That(plain.ToArray(), Is.EqualTo(new[] { 58f, 64, 139, 154 }));
            Assert.That(left.ToArray(), Is.EqualTo(new[] { 17f, 22, 27, 22, 29, 36, 27, 36, 45 }));
            Assert.That(right.ToArray(), Is.EqualTo(new[] { 14f, 32, 32, 77 }));
            Assert.That(() => device.Kernels.MatMul.Multiply(a, a), Throws.ArgumentException.With.Message.Contain("columns of a, 3"));
            Assert.That(
                () => device.Kernels.MatMul.Multiply(a, b, b),
                Throws.ArgumentException.With.Message.Contain("c has the shape [3, 2]"));
        }
    }

    // Each with shapes that fit, and each argument with one that does not.
    [Test]
    public void Operations_on_tensors_refuse_other_shapes_by_the_arguments_name()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        KernelSet kernels = device.Kernels;
        using Tensor x = device.Tensor(2, 3), y = device.Tensor(2, 3), row = device.Tensor(3), rows = device.Tensor(2);
        using Tensor wrong = device.Tensor(5);
        using Tensor mean = device.Tensor(3), spread = device.Tensor(3), runningMean = device.Tensor(3), runningVariance = device.Tensor(3);
        using Tensor table = device.Tensor(4, 3), groups = device.Tensor(2, 1), groupSpread = device.Tensor(2, 1);
        using MemoryBuffer1D<int, Stride1D.Dense> two = device.Accelerator.Allocate1D(Targets);
        var constants = new BatchNormConstants(1e-5f, 0.1f, RunningStatistic.Variance);

        kernels.Bias.Add(row, x);
        kernels.Bias.ColumnSums(x, row);
        kernels.Tanh.Forward(x, y);
        kernels.Tanh.Backward(y, x, x);
        kernels.BatchNorm.Forward(x, row, row, constants, y, mean, spread, runningMean, runningVariance);
        kernels.BatchNorm.ForwardFixed(x, row, row, runningMean, runningVariance, constants, y);
        kernels.BatchNorm.Backward(x, mean, spread, row, constants, y, y, mean, spread);
        kernels.GroupNorm.Forward(x, row, row, 1e-5f, y, groups, groupSpread);
        kernels.GroupNorm.Backward(x, groups, groupSpread, row, y, y, mean, spread);
        kernels.SoftmaxCrossEntropy.Loss(x, two.View, rows);
        kernels.SoftmaxCrossEntropy.LossAndGradient(x, two.View, rows, y);
        kernels.Embedding.Forward(table, two.View, x);
        kernels.Embedding.Backward(two.View, x, table);
        kernels.Sgd.Update(x, 0.1f, y);
        device.Synchronize();

        void Refuses(string name, Action call) => Assert.That(
            call, Throws.ArgumentException.With.Message.Match($@"^{name} has (the shape \[5\]|5 elements) and must (have|be) "), name);

        using (Assert.EnterMultipleScope())
        {
            Refuses("bias", () => kernels.Bias.Add(wrong, x));
            Refuses("x", () => kernels.Bias.Add(row, wrong));
            Refuses("dBias", () => kernels.Bias.ColumnSums(x, wrong));
            Refuses("y", () => kernels.Tanh.Forward(x, wrong));
            Refuses("dx", () => kernels.Tanh.Backward(y, x, wrong));
            Refuses("y", () => kernels.BatchNorm.Forward(x, row, row, constants, wrong, mean, spread, runningMean, runningVariance));
            Refuses("bias", () => kernels.BatchNorm.Forward(x, row, wrong, constants, y, mean, spread, runningMean, runningVariance));
            Refuses("mean", () => kernels.BatchNorm.ForwardFixed(x, row, row, wrong, runningVariance, constants, y));
            Refuses("dx", () => kernels.BatchNorm.Backward(x, mean, spread, row, constants, y, wrong, mean, spread));
            Refuses("mean", () => kernels.GroupNorm.Forward(x, row, row, 1e-5f, y, wrong, groupSpread));
            Refuses("gain", () => kernels.GroupNorm.Backward(x, groups, groupSpread, wrong, y, y, mean, spread));
            Refuses("losses", () => kernels.SoftmaxCrossEntropy.Loss(x, two.View, wrong));
            Refuses("dLogits", () => kernels.SoftmaxCrossEntropy.LossAndGradient(x, two.View, rows, wrong));
            Refuses("table", () => kernels.Embedding.Forward(wrong, two.View, x));
            Refuses("dy", () => kernels.Embedding.Backward(two.View, wrong, table));
            Refuses("gradient", () => kernels.Sgd.Update(wrong, 0.1f, y));
        }
    }

    [Test]
    public void A_step_of_descent_is_learning_rate_times_gradient()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using Tensor w = device.Tensor([2], [1, 2]), dw = device.Tensor([2], [4, -8]);
        device.Kernels.Sgd.Update(dw, 0.25f, w);
        Assert.That(w.ToArray(), Is.EqualTo(new[] { 0f, 4 }));
    }

    [Test]
    public void A_tensor_of_another_device_is_refused()
    {
        using ComputeDevice first = ComputeDevice.Open(DeviceKind.Cpu), second = ComputeDevice.Open(DeviceKind.Cpu);
        using Tensor a = first.Tensor(1, 1), b = second.Tensor(1, 1);
        Assert.That(() => first.Kernels.MatMul.Multiply(a, b), Throws.ArgumentException.With.Message.Contain("another start of it"));
    }

    [TestCaseSource(typeof(TestBenches), nameof(TestBenches.DeviceKinds))]
    public void A_context_of_ones_own_made_by_one_call_runs_the_kernels_beside_own_ones(DeviceKind kind)
    {
        using Context context = KernelContext.Create(builder => AddDevices(builder, kind));
        using Accelerator accelerator = context.Devices[0].CreateAccelerator(context);
        using var device = ComputeDevice.Over(accelerator);
        using Tensor x = device.Tensor([3], [0, 1, 2]);
        device.Kernels.Tanh.Forward(x, x);
        var twice = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>>((i, values) => values[i] = 2 * values[i]);
        twice(device.Stream, x.Length, x.Data);
        Assert.That(x.ToArray(), Is.EqualTo(new[] { 0, 2 * MathF.Tanh(1), 2 * MathF.Tanh(2) }).Within(1e-6));
    }

    [Test]
    public void A_context_that_was_made_otherwise_is_refused_with_the_call_that_makes_one()
    {
        using Context context = Context.Create(builder => builder.CPU());
        using Accelerator accelerator = context.Devices[0].CreateAccelerator(context);
        Assert.That(
            () => ComputeDevice.Over(accelerator), Throws.InvalidOperationException.With.Message.Contain("KernelContext.Create"));
    }

    [TestCaseSource(typeof(TestBenches), nameof(TestBenches.DeviceKinds))]
    public void Tensors_may_end_before_or_after_their_device(DeviceKind kind)
    {
        var device = ComputeDevice.Open(kind);
        Tensor before = device.Tensor([2], [1, 2]), after = device.Tensor([2], [3, 4]);
        before.Dispose();
        before.Dispose();
        Assert.That(() => before.ToArray(), Throws.TypeOf<ObjectDisposedException>());
        device.Dispose();
        device.Dispose();
        Assert.That(() => after.ToArray(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(after.Dispose, Throws.Nothing);
    }

    static Context.Builder AddDevices(Context.Builder builder, DeviceKind kind) => kind switch
    {
        DeviceKind.Cuda => builder.Cuda(),
        DeviceKind.OpenCL => builder.OpenCL(),
        _ => builder.CPU(),
    };
}
