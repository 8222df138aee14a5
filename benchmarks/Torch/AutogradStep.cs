using Makemore.Gpu.Kernels.Normalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
using Pass = Makemore.Gpu.Model.Network.Pass;

namespace Makemore.Gpu.Torch;

/// <summary>A step that leaves the gradients to torch.</summary>
sealed class AutogradStep : ITrainingStep
{
    readonly Network network;
    readonly Tensor[] parameters;
    readonly Dictionary<BatchNorm, AutogradBatchNorm> normalizations = new(ReferenceEqualityComparer.Instance);

    /// <summary>Prepares the step.</summary>
    /// <param name="network">The network.</param>
    public AutogradStep(Network network)
    {
        this.network = network;
        parameters = [.. network.Parameters.Select(parameter => parameter.requires_grad_())];
        foreach (BatchNorm norm in network.Normalizations)
        {
            normalizations.Add(norm, new AutogradBatchNorm(norm, network.Recipe.Batch));
        }
    }

    /// <inheritdoc/>
    public Tensor Run(Tensor tokens, Tensor targets, float learningRate)
    {
        Tensor loss = ComputeGradients(tokens, targets, Pass.Training).Loss;
        Update(learningRate);
        return loss.detach();
    }

    /// <summary>A step without its update.</summary>
    /// <param name="tokens">The contexts of the batch [N·T].</param>
    /// <param name="targets">The tokens to predict [N].</param>
    /// <param name="pass">What the forward pass is for: a diagnosis leaves the running statistics as they are, and keeps the outputs'
    /// gradients.</param>
    /// <returns>The mean loss of the batch with the L2 loss, and the outputs of all layers.</returns>
    public (Tensor Loss, IReadOnlyList<Tensor> Outputs) ComputeGradients(Tensor tokens, Tensor targets, Pass pass)
    {
        IReadOnlyList<Tensor> outputs = network.Forward(tokens, (norm, x) => normalizations[norm].Forward(x, pass));
        if (pass == Pass.Diagnosis)
        {
            foreach (Tensor output in outputs)
            {
                output.retain_grad();
            }
        }
        Tensor loss = cross_entropy(outputs[^1], targets);
        foreach ((Tensor tensor, double coefficient) in network.Penalties)
        {
            loss += coefficient * tensor.square().mean();
        }
        loss.backward();
        return (loss, outputs);
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
/// torch's own batch normalization, which is far quicker than one of mean and var. It divides the variance by N: where the recipe divides
/// by N-1, ε·(N-1)/N and gain·√((N-1)/N) make them the same. The form with ε on the deviation is written out.
/// </summary>
/// <param name="norm">Parameters and statistics.</param>
/// <param name="batch">N.</param>
sealed class AutogradBatchNorm(BatchNorm norm, int batch)
{
    readonly Scalar gainFactor = (float)Math.Sqrt(DivisorRatio(norm, batch));
    readonly double epsilon = norm.Settings.Epsilon * DivisorRatio(norm, batch);
    readonly Scalar toBiased = (float)((batch - 1.0) / batch);
    readonly Tensor mean = zeros_like(norm.Mean);
    readonly Tensor variance = zeros_like(norm.RunningVariance);

    /// <summary>y from x.</summary>
    /// <param name="x">Input [N, H].</param>
    /// <param name="pass">Running statistics are followed in training alone.</param>
    public Tensor Forward(Tensor x, Pass pass)
    {
        bool isFollowed = norm.IsFollowed && pass == Pass.Training;
        return norm.Settings.EpsilonOn == EpsilonTarget.Variance ? ForwardByTorch(x, isFollowed) : ForwardWrittenOut(x, isFollowed);
    }

    static double DivisorRatio(BatchNorm norm, int batch) =>
        norm.Settings.Variance == VarianceEstimator.Unbiased ? (batch - 1.0) / batch : 1;

    Tensor ForwardByTorch(Tensor x, bool isFollowed)
    {
        Tensor gain = norm.Gain * gainFactor;
        bool isTorchs = norm.Settings is { RunningStatistic: RunningStatistic.Variance, Variance: VarianceEstimator.Unbiased };
        if (isFollowed && isTorchs)
        {
            return batch_norm(x, norm.Mean, norm.RunningVariance, gain, norm.Bias, training: true, norm.Settings.Momentum, epsilon);
        }
        // With momentum 1 torch's running statistics are the batch's own, the variance over N-1.
        Tensor y = batch_norm(x, mean, variance, gain, norm.Bias, training: true, momentum: 1, epsilon);
        if (isFollowed)
        {
            norm.Follow(mean, norm.Settings.Variance == VarianceEstimator.Unbiased ? variance : variance * toBiased);
        }
        return y;
    }

    Tensor ForwardWrittenOut(Tensor x, bool isFollowed)
    {
        Tensor batchMean = x.mean([0]);
        Tensor batchVariance = x.var(0, norm.Settings.Variance == VarianceEstimator.Unbiased);
        if (isFollowed)
        {
            norm.Follow(batchMean.detach(), batchVariance.detach());
        }
        return (norm.Gain * (x - batchMean) / (batchVariance.sqrt() + norm.Settings.Epsilon)) + norm.Bias;
    }
}
