using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model;

/// <summary>A network of layers of any sizes, one after another, for loops of training of one's own.</summary>
/// <remarks>
/// <para>
/// What a pass gives belongs to the network, and holds until the next one. No pass allocates memory, but the first of a batch of another
/// size.
/// </para>
/// <example>
/// <code>
/// using var device = ComputeDevice.Open();
/// using var network = new Sequential(device, 4, LayerSpec.Linear(3), LayerSpec.BatchNorm(), LayerSpec.Activation(Activation.Tanh));
/// network.Draw(seed: 42);
/// using Tensor x = device.Tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
/// Tensor y = network.Forward(x);
/// network.Backward(y); // the gradient of the sum of y²/2
/// network.Update(learningRate: 0.1f);
/// </code>
/// </example>
/// </remarks>
public sealed class Sequential : IDisposable
{
    readonly ComputeDevice device;
    readonly TensorStore parameters;
    readonly TensorStore statistics;
    readonly TensorStore scratch;
    readonly Layer[] layers;
    TensorStore? outputs;
    TensorStore? gradients;
    Tensor? input;
    Pass lastPass;

    /// <summary>Makes the network, all parameters 0.</summary>
    /// <param name="device">The device that it works on.</param>
    /// <param name="inputs">The width of a row that it takes, at least 1.</param>
    /// <param name="layers">The layers, at least one, from the input on.</param>
    /// <exception cref="ArgumentException">There is no layer, or groups do not divide the features of their layer.</exception>
    public Sequential(ComputeDevice device, int inputs, params IReadOnlyList<LayerSpec> layers)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count);
        this.device = device;
        parameters = new TensorStore(device.Kernels.Launcher, withGradients: true);
        statistics = new TensorStore(device.Kernels.Launcher, withGradients: false);
        scratch = new TensorStore(device.Kernels.Launcher, withGradients: false);
        var builder = new LayerBuilder(device.Kernels, parameters, statistics, scratch, new LayerNames(null));
        this.layers = new Layer[layers.Count];
        (Inputs, Outputs) = (inputs, inputs);
        for (int i = 0; i < layers.Count; i++)
        {
            this.layers[i] = builder.Add(layers[i].ShapeFor(Outputs));
            Outputs = this.layers[i].Outputs;
        }
    }

    /// <summary>The width of a row that it takes.</summary>
    public int Inputs { get; }

    /// <summary>The width of a row that it gives.</summary>
    public int Outputs { get; }

    /// <summary>What is trained, with gradients, named <c>layers.N.weight</c> and so on. They belong to the network.</summary>
    public IReadOnlyList<Tensor> Parameters => parameters.Tensors;

    /// <summary>The running means and variances of batch normalizations. They belong to the network.</summary>
    public IReadOnlyList<Tensor> Statistics => statistics.Tensors;

    /// <summary>
    /// Draws the weights, randn / √(inputs), with PyTorch's random numbers; biases are 0, gains 1, and running statistics start at mean 0
    /// and variance 1.
    /// </summary>
    /// <param name="seed">The seed.</param>
    public void Draw(ulong seed)
    {
        var generator = new TorchGenerator(seed);
        foreach (Linear linear in layers.OfType<Linear>())
        {
            float scale = 1 / MathF.Sqrt(linear.Weight.Shape[0]);
            linear.Weight.Set(Array.ConvertAll(generator.RandN(linear.Weight.Length), value => value * scale));
            linear.Bias?.Set(new float[linear.Bias.Length]);
        }
        foreach (NormalizationLayer layer in layers.OfType<NormalizationLayer>())
        {
            Fill(layer.Gain, 1);
            Fill(layer.Bias, 0);
        }
        foreach (BatchNormalization layer in layers.OfType<BatchNormalization>())
        {
            Fill(layer.RunningMean, 0);
            Fill(layer.RunningVariance, 1);
        }
    }

    /// <summary>Runs a batch forward.</summary>
    /// <param name="x">The batch [N, inputs]. It must stay as it is until the backward pass.</param>
    /// <param name="isTraining">
    /// Whether batch normalizations take the batch's own statistics, and update the running ones; else they take those.
    /// </param>
    /// <returns>The outputs [N, outputs], which belong to the network and hold until the next pass.</returns>
    /// <exception cref="ArgumentException">The shape does not fit, or the tensor is on another device.</exception>
    public Tensor Forward(Tensor x, bool isTraining = true)
    {
        (int batch, int inputs) = TensorChecks.Matrix(device.Kernels.Launcher, x);
        TensorChecks.CheckShape(device.Kernels.Launcher, x, [batch, Inputs]);
        IReadOnlyList<Tensor> y = OutputsFor(batch);
        (input, lastPass) = (x, isTraining ? Pass.Training : Pass.Evaluation);
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i].Forward(i == 0 ? x.Data : y[i - 1].Data, batch, lastPass, y[i].Data);
        }
        return y[^1];
    }

    /// <summary>Runs the last batch backward: the gradients of all parameters and of the input.</summary>
    /// <param name="dy">The gradient of the outputs [N, outputs].</param>
    /// <returns>The gradient of the input [N, inputs], which belongs to the network and holds until the next pass.</returns>
    /// <exception cref="ArgumentException">The shape does not fit, or the tensor is on another device.</exception>
    /// <exception cref="InvalidOperationException">There was no forward pass for training.</exception>
    public Tensor Backward(Tensor dy)
    {
        if (input is null || lastPass != Pass.Training)
        {
            throw new InvalidOperationException("there was no forward pass for training: call Forward first");
        }
        int batch = input.Shape[0];
        TensorChecks.CheckShape(device.Kernels.Launcher, dy, [batch, Outputs]);
        // The gradients of what goes into each layer; the outputs are what comes out.
        (IReadOnlyList<Tensor> into, IReadOnlyList<Tensor> from) = (gradients!.Tensors, outputs!.Tensors);
        for (int i = layers.Length - 1; i >= 0; i--)
        {
            Tensor x = i == 0 ? input : from[i - 1];
            Tensor dOutput = i == layers.Length - 1 ? dy : into[i + 1];
            layers[i].Backward(x.Data, from[i].Data, dOutput.Data, batch, into[i].Data);
        }
        return into[0];
    }

    /// <summary>w -= learning rate · dw, for all parameters.</summary>
    /// <param name="learningRate">The learning rate.</param>
    public void Update(float learningRate) => device.Kernels.Sgd.Update(parameters.Gradients, learningRate, parameters.Data);

    /// <summary>Gives the memory back. It may come before or after the end of the device.</summary>
    public void Dispose()
    {
        parameters.Dispose();
        statistics.Dispose();
        scratch.Dispose();
        outputs?.Dispose();
        gradients?.Dispose();
    }

    static void Fill(Tensor tensor, float value) => tensor.Set([.. Enumerable.Repeat(value, tensor.Length)]);

    IReadOnlyList<Tensor> OutputsFor(int batch)
    {
        if (outputs?.Tensors[0].Shape[0] != batch)
        {
            outputs?.Dispose();
            gradients?.Dispose();
            outputs = new TensorStore(device.Kernels.Launcher, withGradients: false);
            gradients = new TensorStore(device.Kernels.Launcher, withGradients: false);
            int width = Inputs;
            foreach (Layer layer in layers)
            {
                gradients.Add("", batch, width);
                outputs.Add("", batch, width = layer.Outputs);
            }
        }
        return outputs.Tensors;
    }
}
