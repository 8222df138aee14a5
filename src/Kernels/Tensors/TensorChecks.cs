using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tensors;

/// <summary>Argument checks of operations on tensors. What an exception says names the shapes.</summary>
static class TensorChecks
{
    /// <summary>Checks that a tensor is a matrix on the device of an operation. The compiler fills in the argument's name.</summary>
    /// <param name="launcher">Where the operation runs.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="name">The name of the argument.</param>
    /// <returns>Its rows and columns.</returns>
    /// <exception cref="ArgumentException">It is none, or is on another device.</exception>
    public static (int Rows, int Columns) Matrix(
        Launcher launcher, Tensor tensor, [CallerArgumentExpression(nameof(tensor))] string? name = null)
    {
        CheckDevice(launcher, tensor, name);
        return tensor.Shape.Count == 2
            ? (tensor.Shape[0], tensor.Shape[1])
            : throw new ArgumentException($"{name} has the shape {tensor} and must be a matrix", name);
    }

    /// <summary>Checks the shape of a tensor, and that it is on the device of an operation.</summary>
    /// <param name="launcher">Where the operation runs.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <param name="name">The name of the argument.</param>
    /// <exception cref="ArgumentException">It has another shape, or is on another device.</exception>
    public static void CheckShape(
        Launcher launcher, Tensor tensor, ReadOnlySpan<int> shape, [CallerArgumentExpression(nameof(tensor))] string? name = null)
    {
        CheckDevice(launcher, tensor, name);
        if (!shape.SequenceEqual([.. tensor.Shape]))
        {
            throw new ArgumentException($"{name} has the shape {tensor} and must have [{string.Join(", ", shape.ToArray())}]", name);
        }
    }

    /// <summary>Checks that tensors have one shape, and are on the device of an operation.</summary>
    /// <param name="launcher">Where the operation runs.</param>
    /// <param name="first">The tensor whose shape it is.</param>
    /// <param name="other">The other one.</param>
    /// <param name="name">The name of the other one's argument.</param>
    /// <exception cref="ArgumentException">They differ, or one is on another device.</exception>
    public static void CheckSame(
        Launcher launcher, Tensor first, Tensor other, [CallerArgumentExpression(nameof(other))] string? name = null)
    {
        CheckDevice(launcher, first, nameof(first));
        CheckShape(launcher, other, [.. first.Shape], name);
    }

    /// <summary>Checks that a tensor is on the device of an operation.</summary>
    /// <param name="launcher">Where the operation runs.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="name">The name of the argument.</param>
    /// <exception cref="ArgumentException">It is on another device.</exception>
    public static void CheckDevice(Launcher launcher, Tensor tensor, string? name)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.Accelerator != launcher.Accelerator)
        {
            throw new ArgumentException(
                $"{name} is on {tensor.Accelerator.Name}, and the operation runs on {launcher.Accelerator.Name}, or on another start of it",
                name);
        }
    }
}
