using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>What the fused kernels work on.</summary>
/// <param name="Layers">The layer table.</param>
/// <param name="Parameters">The parameters, as laid out.</param>
/// <param name="Scratch">The scratch, as laid out, once for each group that has a batch of its own; 0 before the first step.</param>
/// <param name="Contexts">The contexts of the data set [examples of the set, T]: whole numbers, by their bits.</param>
/// <param name="Targets">The targets of the data set.</param>
/// <param name="Indices">The examples: of training the batch of each step [steps, N].</param>
/// <param name="Results">What comes out: of training the loss of each step.</param>
/// <param name="Shape">The sizes and places.</param>
/// <param name="Constants">The constants of all normalisations.</param>
public readonly record struct FusedOperands(
    ArrayView<FusedLayer> Layers, ArrayView<float> Parameters, ArrayView<float> Scratch, ArrayView<float> Contexts, ArrayView<float> Targets,
    ArrayView<float> Indices, ArrayView<float> Results, FusedShape Shape, BatchNormConstants Constants)
{
    /// <summary>Checks the lengths that follow from each other.</summary>
    /// <exception cref="ArgumentException">A view has another length.</exception>
    internal void Check()
    {
        ViewChecks.CheckLength(Layers, Shape.Layers);
        ViewChecks.CheckLength(Contexts, Targets.Length * Shape.Context);
    }
}
