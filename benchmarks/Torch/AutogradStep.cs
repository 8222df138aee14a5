using Makemore.Gpu.Kernels.Operations;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Makemore.Gpu.Torch;

/// <summary>A step that leaves the gradients to torch.</summary>
sealed class AutogradStep : ITrainingStep
{
    readonly Network network;
    readonly Tensor[] parameters;
    readonly AutogradBatchNorm?[] normalisations;

    /// <summary>Prepares the step.</summary>
    /// <param name="network">The network.</param>
    public AutogradStep(Network network)
    {
        this.network = network;
        parameters = [.. network.Parameters.Select(parameter => parameter.requires_grad_())];
        normalisations = [.. network.Layers.Select(
            layer => layer.BatchNorm is { } norm ? new AutogradBatchNorm(norm, network.Recipe.Batch) : null)];
    }

    /// <inheritdoc/>
    public Tensor Run(Tensor tokens, Tensor targets, float learningRate)
    {
        Tensor x = network.Embed(tokens);
        for (int i = 0; i < normalisations.Length; i++)
        {
            Layer layer = network.Layers[i];
            x = layer.Linear(x);
            x = normalisations[i]?.Forward(x) ?? x;
            x = layer.HasTanh ? tanh(x) : x;
        }
        Tensor loss = cross_entropy(x, targets);
        loss.backward();
        Update(learningRate);
        return loss.detach();
    }

    // The next backward pass gives new gradients, which is quicker than to clear the old ones and to add to them.
    void Update(float learningRate)
    {
        using IDisposable noGradient = no_grad();
        using var sgd = new Sgd(learningRate);
        foreach (Tensor parameter in parameters)
        {
            sgd.Update(parameter, parameter.grad!);
            parameter.grad = null;
        }
    }
}

/// <summary>
/// torch's own batch normalisation, which is far quicker than one of mean and var. It divides the variance by N and the recipe by N-1:
/// with ε·(N-1)/N and gain·√((N-1)/N) they are the same.
/// </summary>
/// <param name="norm">Parameters and statistics.</param>
/// <param name="batch">N.</param>
sealed class AutogradBatchNorm(BatchNorm norm, int batch)
{
    readonly Scalar gainFactor = (float)Math.Sqrt((batch - 1.0) / batch);
    readonly double epsilon = norm.Settings.Epsilon * (batch - 1.0) / batch;
    readonly Tensor mean = zeros_like(norm.Mean);
    readonly Tensor variance = zeros_like(norm.Spread);

    /// <summary>y from x.</summary>
    /// <param name="x">Input [N, H].</param>
    public Tensor Forward(Tensor x)
    {
        Tensor gain = norm.Gain * gainFactor;
        if (norm is { IsFollowed: true, Settings.RunningSpread: RunningSpread.Variance })
        {
            return batch_norm(x, norm.Mean, norm.Spread, gain, norm.Bias, training: true, norm.Settings.Momentum, epsilon);
        }
        // With momentum 1 torch's running statistics are the batch's own.
        Tensor y = batch_norm(x, mean, variance, gain, norm.Bias, training: true, momentum: 1, epsilon);
        if (norm.IsFollowed)
        {
            norm.Follow(mean, variance);
        }
        return y;
    }
}
