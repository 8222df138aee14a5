using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What batch normalization does not heal: recipe deep-batchnorm with its weights divided by √(fan-in), and without. The outputs of the
/// layers are the same, for the normalization takes any scale away; but the gradient of a weight that is k times as large is k times as
/// small, and so the same learning rate changes it by k² times less of its size.
/// </summary>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Scaled">The network as the recipe has it.</param>
/// <param name="Unscaled">The network with weights as randn gives them.</param>
public sealed record UnscaledInit(int Steps, InitializedNetwork Scaled, InitializedNetwork Unscaled)
{
    /// <summary>Looks into both networks at their start, and trains them for a short while.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    public static UnscaledInit Run(ExperimentContext context, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        Recipe scaled = Recipe.Named("deep-batchnorm");
        return new UnscaledInit(steps, Measure(scaled), Measure(scaled with { HiddenWeight = new Draw(1), OutputWeight = new Draw(1) }));

        InitializedNetwork Measure(Recipe recipe) => new(context.Inspect(recipe).Layers, UpdateHistory.Of(context, recipe, steps));
    }
}

/// <summary>A network whose weights were drawn in some way.</summary>
/// <param name="Layers">Its layers with tanh at the start.</param>
/// <param name="Updates">The updates of a short training.</param>
public sealed record InitializedNetwork(IReadOnlyList<LayerInspection> Layers, UpdateHistory Updates);
