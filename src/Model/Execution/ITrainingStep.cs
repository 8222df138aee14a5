using ILGPU;

namespace Makemore.Gpu.Model.Execution;

/// <summary>Steps of training, layered or fused: take the batch, forward, loss, backward, update.</summary>
interface ITrainingStep : IDisposable
{
    /// <summary>How many steps are worth launching before the host reads their losses.</summary>
    int StepsPerLaunch { get; }

    /// <summary>Launches steps. Nothing is copied, allocated or waited for.</summary>
    /// <param name="indices">The examples of each step [steps, N].</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="losses">The loss of each step [steps]: the mean over its batch, plus the L2 loss.</param>
    void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses);

    /// <summary>Brings the network's own parameters up to date.</summary>
    void Store();
}
