using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// A recipe with its weights divided by √(fan-in), and without. Where there is batch normalization, the outputs of the layers are the same,
/// for the normalization takes any scale away; but the gradient of a weight that is k times as large is k times as small, and so the same
/// learning rate changes it by k² times less of its size. Where there is none, tanh is saturated.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="IsNormalized">Whether it has batch normalization.</param>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Scaled">The network as the recipe has it.</param>
/// <param name="Unscaled">The network with the same factors of its weights, not divided.</param>
sealed record UnscaledInit(
    string Recipe, bool IsNormalized, int Steps, InitializedNetwork Scaled, InitializedNetwork Unscaled)
{
    /// <summary>Looks into both networks at their start, and trains them for a short while.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    /// <param name="recipe">The recipe, whose hidden weights are divided by the root of the fan-in; null for deep-batchnorm.</param>
    public static UnscaledInit Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        Recipe scaled = recipe ?? Recipes.Recipe.Named("deep-batchnorm");
        Recipe unscaled = scaled with
        {
            HiddenWeight = scaled.HiddenWeight with { ByFanIn = false },
            OutputWeight = scaled.OutputWeight with { ByFanIn = false },
        };
        return new UnscaledInit(scaled.Name, scaled.Normalization is not null, steps, Measure(scaled), Measure(unscaled));

        InitializedNetwork Measure(Recipe recipe) => new(context.Inspect(recipe).Layers, UpdateHistory.Of(context, recipe, steps));
    }
}

/// <summary>A network whose weights were drawn in some way.</summary>
/// <param name="Layers">Its layers at the start: those with tanh, or where there is none, the linear ones below the logits.</param>
/// <param name="Updates">The updates of a short training.</param>
sealed record InitializedNetwork(IReadOnlyList<LayerInspection> Layers, UpdateHistory Updates);
