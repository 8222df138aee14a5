using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>In what networks of one shape that are trained at once may differ, beside their values and their layers' L2 losses.</summary>
/// <param name="Constants">The constants of all normalizations.</param>
/// <param name="TableL2">The coefficient of the table's sum of squares, which the loss holds; 0 for none.</param>
/// <param name="LearningRate">The learning rate.</param>
readonly record struct FusedSettings(BatchNormConstants Constants, float TableL2, float LearningRate);

/// <summary>Many networks of one shape, side by side, that are trained at once on one data set.</summary>
/// <param name="Operands">
/// What all have in common, and the buffers: a layer table for each network, parameters for each network, a scratch for each group of the
/// launch, the examples [networks, steps, N] and where the losses go [networks, steps].
/// </param>
/// <param name="Settings">In what they differ, a value for each network.</param>
/// <param name="Begun">How many networks threads have begun with in this launch: 0 before it.</param>
/// <param name="ParameterStride">From the parameters of a network to those of the next.</param>
/// <param name="ScratchStride">From the scratch of a group to that of the next.</param>
readonly record struct FusedNetworks(
    FusedOperands Operands, ArrayView<FusedSettings> Settings, ArrayView<int> Begun, int ParameterStride, int ScratchStride)
{
    /// <summary>How many networks.</summary>
    public int Count => Settings.IntLength;

    /// <summary>Checks the lengths that follow from each other.</summary>
    /// <param name="groups">Groups of the launch.</param>
    /// <param name="steps">Steps of the launch.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    internal void Check(int groups, int steps)
    {
        ViewChecks.CheckLength(Operands.Layers, Count * Operands.Shape.Layers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Operands.Parameters.Length, (long)Count * ParameterStride, nameof(Operands));
        ArgumentOutOfRangeException.ThrowIfLessThan(Operands.Scratch.Length, (long)groups * ScratchStride, nameof(Operands));
        ArgumentOutOfRangeException.ThrowIfLessThan(
            Operands.Indices.Length, (long)Count * steps * Operands.Shape.Batch, nameof(Operands));
        ArgumentOutOfRangeException.ThrowIfLessThan(Operands.Results.Length, (long)Count * steps, nameof(Operands));
    }

    /// <summary>What a group works on for one of the networks.</summary>
    /// <param name="network">The network.</param>
    /// <param name="group">The group.</param>
    /// <param name="steps">Steps of the launch.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal FusedOperands Of(int network, int group, int steps)
    {
        FusedShape shape = Operands.Shape;
        FusedSettings settings = Settings[network];
        return Operands with
        {
            Layers = Operands.Layers.SubView((long)network * shape.Layers, shape.Layers),
            Parameters = Operands.Parameters.SubView((long)network * ParameterStride, ParameterStride),
            Scratch = Operands.Scratch.SubView((long)group * ScratchStride, ScratchStride),
            Indices = Operands.Indices.SubView((long)network * steps * shape.Batch, (long)steps * shape.Batch),
            Results = Operands.Results.SubView((long)network * steps, steps),
            Shape = shape with { TableL2 = settings.TableL2 },
            Constants = settings.Constants,
        };
    }
}
