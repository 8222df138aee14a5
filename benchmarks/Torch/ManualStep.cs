using Makemore.Gpu.Kernels.Elementwise;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Makemore.Gpu.Torch;

/// <summary>
/// A step with the gradients written out, as in the last exercise of the lecture on manual backprop. The 1/N in the gradient of the
/// mean loss goes with the learning rate, and weights are updated by the product that is their gradient.
/// </summary>
sealed class ManualStep : ITrainingStep
{
    readonly Network network;
    readonly ManualLayer[] layers;
    readonly Tensor minusOnes;

    /// <summary>Prepares the step.</summary>
    /// <param name="network">The network.</param>
    public ManualStep(Network network)
    {
        this.network = network;
        int batch = network.Recipe.Batch;
        layers = [.. network.Layers.Select(layer => new ManualLayer(layer, batch))];
        minusOnes = full([batch, 1], -1f);
    }

    /// <inheritdoc/>
    public Tensor Run(Tensor tokens, Tensor targets, float learningRate)
    {
        using IDisposable inference = inference_mode(true);
        Tensor x = network.Embed(tokens);
        foreach (ManualLayer layer in layers)
        {
            x = layer.Forward(x);
        }
        Tensor logProbabilities = log_softmax(x, 1);
        Tensor loss = nll_loss(logProbabilities, targets);

        // dlogits = probabilities - one-hot
        Tensor dx = logProbabilities.exp_().scatter_add_(1, targets.unsqueeze(1), minusOnes);
        using var sgd = new Sgd(learningRate / network.Recipe.Batch);
        foreach (ManualLayer layer in layers.Reverse())
        {
            dx = layer.Backward(dx, sgd);
        }
        sgd.UpdateRows(network.Table, tokens, dx.view(-1, network.Recipe.Embedding));
        return loss;
    }
}

/// <summary>A linear layer and what follows it, with its backward pass and update.</summary>
/// <param name="layer">The parameters.</param>
/// <param name="batch">N.</param>
sealed class ManualLayer(Layer layer, int batch)
{
    static readonly Scalar MinusOne = -1f;

    readonly Tensor ones = torch.ones(batch);
    readonly Tensor transposedWeight = layer.Weight.t();
    readonly ManualBatchNorm? normalization = layer.Norm is BatchNorm norm ? new ManualBatchNorm(norm, batch) : null;
    Tensor? input;
    Tensor? output;

    /// <summary>y from x.</summary>
    /// <param name="x">Input [N, inputs].</param>
    public Tensor Forward(Tensor x)
    {
        input = x;
        Tensor y = layer.Linear(x);
        y = normalization?.Forward(y) ?? y;
        return output = layer.Activation == Activation.Tanh ? y.tanh_() : y;
    }

    /// <summary>dx from dy, which it changes; updates the parameters.</summary>
    /// <param name="dy">The gradient of the output [N, outputs].</param>
    /// <param name="sgd">What updates.</param>
    public Tensor Backward(Tensor dy, Sgd sgd)
    {
        if (layer.Activation == Activation.Tanh)
        {
            // dy · (1 - y²)
            dy.addcmul_(dy * output!, output!, MinusOne);
        }
        normalization?.Backward(dy, sgd);
        Tensor dx = dy.mm(transposedWeight);
        sgd.UpdateByProduct(layer.Weight, input!.t(), dy);
        if (layer.Bias is not null)
        {
            sgd.Update(layer.Bias, ones.matmul(dy));
        }
        return dx;
    }
}

/// <summary>
/// Batch normalization, both ways in place. A product with a vector of ones sums over the batch, and is quicker than sum, mean and, by
/// far, var.
/// </summary>
/// <param name="norm">Parameters and statistics.</param>
/// <param name="batch">N.</param>
sealed class ManualBatchNorm(BatchNorm norm, int batch)
{
    readonly Tensor ones = torch.ones(batch);
    readonly Tensor averaging = full(batch, 1f / batch);
    readonly Tensor averagingOfSquares = full(batch, 1f / (batch - 1));
    readonly Scalar epsilon = (float)norm.Settings.Epsilon;
    readonly Scalar one = 1f;
    readonly Scalar minusMean = -1f / batch;
    readonly Scalar minusMeanOfSquares = -1f / (batch - 1);
    Tensor? normalized;
    Tensor? inverseDeviation;

    /// <summary>y from x, which the normalized x̂ overwrites.</summary>
    /// <param name="x">Input [N, H].</param>
    public Tensor Forward(Tensor x)
    {
        Tensor mean = averaging.matmul(x);
        x.sub_(mean);
        Tensor variance = averagingOfSquares.matmul(x * x);
        inverseDeviation = (variance + epsilon).rsqrt_();
        normalized = x.mul_(inverseDeviation);
        if (norm.IsFollowed)
        {
            norm.Follow(mean, variance);
        }
        return addcmul(norm.Bias, normalized, norm.Gain, one);
    }

    /// <summary>
    /// dx = gain·r/N · (N·dy - Σ dy - N/(N-1)·x̂·Σ dy·x̂) in place of dy, with r the inverse deviation; updates gain and bias.
    /// </summary>
    /// <param name="dy">The gradient of the output [N, H].</param>
    /// <param name="sgd">What updates.</param>
    public void Backward(Tensor dy, Sgd sgd)
    {
        Tensor dbias = ones.matmul(dy);
        Tensor dgain = ones.matmul(dy * normalized!);
        dy.addcmul_(normalized!, dgain, minusMeanOfSquares).add_(dbias, minusMean).mul_(norm.Gain * inverseDeviation!);
        sgd.Update(norm.Gain, dgain);
        sgd.Update(norm.Bias, dbias);
    }
}
