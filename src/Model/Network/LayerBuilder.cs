using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Model.Network;

/// <summary>Makes layers from what they are, and declares their tensors.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="parameters">Where the parameters go.</param>
/// <param name="statistics">Where the running statistics go.</param>
/// <param name="scratch">Where the statistics of a batch go.</param>
/// <param name="names">The names of the tensors.</param>
sealed class LayerBuilder(KernelSet kernels, TensorStore parameters, TensorStore statistics, TensorStore scratch, LayerNames names)
{
    /// <summary>Makes the next layer.</summary>
    /// <param name="layer">What it is.</param>
    public Layer Add(LayerShape layer)
    {
        switch (layer)
        {
            case LinearShape linear:
                return AddLinear(linear);
            case BatchNormShape normalization:
                return AddBatchNorm(normalization);
            case GroupNormShape normalization:
                return AddGroupNorm(normalization);
            case ActivationShape activation:
                names.NextActivation();
                return new ActivationLayer(kernels, activation.Activation, layer.Outputs);
            default:
                throw new InvalidOperationException($"the network has no layer for {layer}");
        }
    }

    Linear AddLinear(LinearShape shape)
    {
        (string weight, string bias) = names.NextLinear();
        return new Linear(
            kernels, parameters.Add(weight, shape.Inputs, shape.Outputs), shape.HasBias ? parameters.Add(bias, shape.Outputs) : null);
    }

    BatchNormalization AddBatchNorm(BatchNormShape shape)
    {
        int features = shape.Outputs;
        (string gain, string bias, string mean, string variance) = names.NextNormalization();
        return new BatchNormalization(
            kernels, shape.Constants,
            parameters.Add(gain, features), parameters.Add(bias, features),
            statistics.Add(mean, features), statistics.Add(variance, features),
            scratch.Add("mean", features), scratch.Add("inverse deviation", features));
    }

    GroupNormalization AddGroupNorm(GroupNormShape shape)
    {
        (string gain, string bias, _, _) = names.NextNormalization();
        return new GroupNormalization(
            kernels, shape.Groups, shape.Epsilon, parameters.Add(gain, shape.Outputs), parameters.Add(bias, shape.Outputs));
    }
}
