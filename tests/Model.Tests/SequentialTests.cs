using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>Networks of any layers, beside finite differences in double.</summary>
sealed class SequentialTests
{
    const int Inputs = 4, Batch = 6;

    static readonly LayerSpec[] Layers =
    [
        LayerSpec.Linear(6, bias: false), LayerSpec.BatchNorm(), LayerSpec.Activation(Activation.Tanh),
        LayerSpec.Linear(4), LayerSpec.LayerNorm(), LayerSpec.Activation(Activation.Gelu), LayerSpec.GroupNorm(2), LayerSpec.Linear(2),
    ];

    [Test]
    public void It_has_the_layers_in_their_order()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var network = new Sequential(device, Inputs, Layers);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((network.Inputs, network.Outputs), Is.EqualTo((Inputs, 2)));
            Assert.That(
                network.Parameters.Select(tensor => $"{tensor.Name} {tensor}"),
                Is.EqualTo(new[]
                {
                    "layers.0.weight [4, 6]", "layers.1.gamma [6]", "layers.1.beta [6]", "layers.3.weight [6, 4]", "layers.3.bias [4]",
                    "layers.4.gamma [4]", "layers.4.beta [4]", "layers.6.gamma [4]", "layers.6.beta [4]", "layers.7.weight [4, 2]",
                    "layers.7.bias [2]",
                }));
            Assert.That(
                network.Statistics.Select(tensor => tensor.Name),
                Is.EqualTo(new[] { "layers.1.running_mean", "layers.1.running_var" }));
        }
    }

    // The loss is the sum of y²/2, whose gradient is y. A step of h against a gradient g changes it by about -h·g².
    [Test]
    public void A_step_along_the_gradients_lowers_the_loss_by_their_squares()
    {
        const float Rate = 1e-4f;
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var network = new Sequential(device, Inputs, Layers);
        network.Draw(seed: 1);
        using Tensor x = device.Tensor([Batch, Inputs], new TorchGenerator(2).RandN(Batch * Inputs));
        double before = Loss(network.Forward(x));
        network.Backward(network.Forward(x));
        double squares = network.Parameters.SelectMany(tensor => tensor.GradientToArray()).Sum(value => (double)value * value);
        network.Update(Rate);
        double after = Loss(network.Forward(x));
        Assert.That((before - after) / (Rate * squares), Is.EqualTo(1).Within(0.05));
    }

    [Test]
    public void The_gradient_of_the_input_is_that_of_the_reference()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var network = new Sequential(device, Inputs, LayerSpec.Linear(3, bias: false), LayerSpec.Activation(Activation.Tanh));
        network.Draw(seed: 1);
        using Tensor x = device.Tensor([2, Inputs], [1, -2, 3, 0.5f, 0, 1, -1, 2]);
        using Tensor dy = device.Tensor([2, 3], [1, 0, -1, 2, 1, 0.5f]);
        Tensor y = network.Forward(x);
        float[] dx = network.Backward(dy).ToArray();
        Matrix<double> weight = Of(network.Parameters[0]);
        Matrix<double> slope = ReferenceOperations.ActivateBackward(Activation.Tanh, Of(y), Of(dy));
        Assert.That(dx, Is.EqualTo((slope * weight.Transpose()).ToRowMajorArray()).Within(1e-5));
    }

    [Test]
    public void Evaluation_takes_the_running_statistics_and_gives_no_gradients()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var network = new Sequential(device, 1, LayerSpec.BatchNorm(epsilon: 0));
        network.Draw(seed: 1);
        using Tensor x = device.Tensor([2, 1], [3, 5]);
        // They start at mean 0 and variance 1.
        Assert.That(network.Forward(x, isTraining: false).ToArray(), Is.EqualTo(new[] { 3f, 5 }));
        Assert.That(() => network.Backward(x), Throws.InvalidOperationException);
    }

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var network = new Sequential(device, Inputs, LayerSpec.Linear(3));
        using Tensor x = device.Tensor(2, Inputs), wrong = device.Tensor(2, 5);
        network.Forward(x);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => network.Forward(wrong), Throws.ArgumentException.With.Message.Contain("x has the shape [2, 5]"));
            Assert.That(() => network.Backward(wrong), Throws.ArgumentException.With.Message.Contain("dy has the shape [2, 5]"));
            Assert.That(
                () => new Sequential(device, Inputs, LayerSpec.GroupNorm(3)),
                Throws.ArgumentException.With.Message.Contain("3 groups"));
            Assert.That(() => new Sequential(device, Inputs), Throws.InstanceOf<ArgumentException>());
        }
    }

    static double Loss(Tensor y) => y.ToArray().Sum(value => 0.5 * value * value);

    static Matrix<double> Of(Tensor tensor) => Matrix<double>.Build.DenseOfRowMajor(
        tensor.Shape[0], tensor.Shape[1], tensor.ToArray().Select(value => (double)value));
}
