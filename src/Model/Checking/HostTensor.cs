using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Model.Checking;

/// <summary>A tensor of a batch, copied from the accelerator.</summary>
/// <param name="Name">Its name in the lecture; a gradient's ends in <c>.grad</c>.</param>
/// <param name="Shape">Its sizes in the lecture, the outermost first; none for a single value.</param>
/// <param name="Values">Its values, row by row.</param>
sealed record HostTensor(string Name, IReadOnlyList<int> Shape, IReadOnlyList<float> Values)
{
    internal static HostTensor Of(Tensor tensor) => new(tensor.Name, tensor.Shape, tensor.ToArray());

    internal static HostTensor GradientOf(Tensor tensor) =>
        new(TensorNames.Gradient(tensor.Name), tensor.Shape, tensor.GradientToArray());
}
