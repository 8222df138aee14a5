using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model;

/// <summary>What a layer of a <see cref="Sequential"/> network is.</summary>
public sealed class LayerSpec
{
    readonly Func<int, LayerShape> shapeFor;

    LayerSpec(string description, Func<int, LayerShape> shapeFor) => (Description, this.shapeFor) = (description, shapeFor);

    /// <summary>What it is, in words.</summary>
    public string Description { get; }

    /// <summary>y = x·W + b.</summary>
    /// <param name="outputs">The width of a row of y, at least 1.</param>
    /// <param name="bias">Whether there is a bias b.</param>
    public static LayerSpec Linear(int outputs, bool bias = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        return new($"linear to {outputs}", inputs => new LinearShape(inputs, outputs, bias));
    }

    /// <summary>Batch normalization of each feature (S. Ioffe and C. Szegedy, 2015), as torch's BatchNorm1d has it.</summary>
    /// <param name="epsilon">ε, which keeps the result finite where a feature does not vary.</param>
    /// <param name="momentum">m in running = (1-m)·running + m·batch.</param>
    public static LayerSpec BatchNorm(float epsilon = 1e-5f, float momentum = 0.1f) => new(
        "batch normalization", features => new BatchNormShape(features, new(epsilon, momentum, RunningStatistic.Variance)));

    /// <summary>Layer normalization of each example (J. L. Ba et al., 2016).</summary>
    /// <param name="epsilon">ε, which keeps the result finite where the features are equal.</param>
    public static LayerSpec LayerNorm(float epsilon = 1e-5f) => GroupNorm(groups: 1, epsilon);

    /// <summary>Group normalization of each example (Y. Wu and K. He, 2018).</summary>
    /// <param name="groups">The groups of neighboring features; they divide the features.</param>
    /// <param name="epsilon">ε, which keeps the result finite where the features of a group are equal.</param>
    public static LayerSpec GroupNorm(int groups, float epsilon = 1e-5f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        return new($"normalization of {groups} groups", features => features % groups == 0
            ? new GroupNormShape(features, groups, epsilon)
            : throw new ArgumentException($"{groups} groups do not divide the {features} features of their layer", nameof(groups)));
    }

    /// <summary>An activation, value by value.</summary>
    /// <param name="activation">Which.</param>
    public static LayerSpec Activation(Activation activation)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(activation, Kernels.Elementwise.Activation.None);
        return new($"{activation}", features => new ActivationShape(activation, features));
    }

    /// <inheritdoc/>
    public override string ToString() => Description;

    /// <summary>The layer for rows of a width.</summary>
    /// <param name="inputs">The width.</param>
    internal LayerShape ShapeFor(int inputs) => shapeFor(inputs);
}
