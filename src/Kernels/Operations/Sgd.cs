using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Operations;

/// <summary>
/// Stochastic gradient descent: w = w - learning rate · dw, for all parameters of a network at once.
/// Reference: <c>ReferenceOperations.Sgd</c>.
/// </summary>
public sealed class Sgd
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, float, int, int, ArrayView<float>> update;

    /// <summary>Loads the kernel.</summary>
    /// <param name="launcher">Where to load and launch it.</param>
    public Sgd(Launcher launcher)
    {
        this.launcher = launcher;
        update = launcher.Accelerator.LoadKernel<ArrayView<float>, float, int, int, ArrayView<float>>(UpdateKernel);
    }

    /// <summary>w -= learning rate · dw.</summary>
    /// <param name="gradients">dw, any shape.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="parameters">w, of the same shape; updated in place.</param>
    public void Update(ArrayView<float> gradients, float learningRate, ArrayView<float> parameters)
    {
        Shape.Check(gradients, parameters.Length);
        update(
            launcher.Stream, launcher.Shape.OverValues(parameters.IntLength), gradients, learningRate, parameters.IntLength, launcher.Shape.ThreadValues,
            parameters);
    }

    // One thread for each few parameters.
    static void UpdateKernel(ArrayView<float> gradients, float learningRate, int count, int values, ArrayView<float> parameters)
    {
        for (int first = Work.First * values, stride = Work.Stride * values; first < count; first += stride)
        {
            Tile.Run(new ScaledAdd(-learningRate, new(gradients, first), new(parameters, first), IntrinsicMath.Min(values, count - first)));
        }
    }
}
