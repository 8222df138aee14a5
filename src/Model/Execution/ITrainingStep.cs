using ILGPU;

namespace Makemore.Gpu.Model.Execution;

/// <summary>A way to run steps of training: take the batch, forward, loss, backward, update.</summary>
public interface ITrainingStep : IDisposable
{
    /// <summary>How many steps are worth running between two looks at the losses.</summary>
    int StepsPerLaunch { get; }

    /// <summary>Launches steps. Nothing is copied, allocated or waited for.</summary>
    /// <param name="indices">The examples of each step [steps, N].</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="losses">The loss of each step: the mean of its batch, and the penalty for large weights.</param>
    void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses);

    /// <summary>Brings the network's own parameters up to date.</summary>
    void Store();
}
