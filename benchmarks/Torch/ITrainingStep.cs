using static TorchSharp.torch;

namespace Makemore.Gpu.Torch;

/// <summary>One step of training: forward, backward and update.</summary>
interface ITrainingStep
{
    /// <summary>Runs the step.</summary>
    /// <param name="tokens">The contexts of the batch [N·T].</param>
    /// <param name="targets">The tokens to predict [N].</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <returns>The mean loss of the batch before the update, a tensor of one value without a gradient.</returns>
    Tensor Run(Tensor tokens, Tensor targets, float learningRate);
}
