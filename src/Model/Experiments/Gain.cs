using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What the gain of the weights does to a deep network, in three kinds: with tanh, without, and with tanh and batch normalization. Weights
/// are gain · randn / √(fan-in); a signal should come through all layers neither faded nor blown up, and so should its gradient.
/// </summary>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Networks">The networks, kind by kind, each with its gains in their order.</param>
sealed record Gain(int Steps, IReadOnlyList<GainedNetwork> Networks)
{
    /// <summary>The gains of the lecture.</summary>
    public static IReadOnlyList<double> Gains { get; } = [0.5, 1, 5.0 / 3, 3];

    /// <summary>The recipes of the three kinds.</summary>
    public static IReadOnlyList<string> Recipes { get; } = ["deep-tanh", "deep-linear", "deep-batchnorm"];

    /// <summary>Looks into each network at its start, and trains it for a short while.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    /// <param name="gains">The gains; null for <see cref="Gains"/>.</param>
    public static Gain Run(ExperimentContext context, int steps, IReadOnlyList<double>? gains = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Gain(steps, [.. from name in Recipes from gain in gains ?? Gains select Measure(name, gain)]);

        GainedNetwork Measure(string name, double gain)
        {
            Recipe recipe = Recipe.Named(name) with { HiddenWeight = new Draw(gain, ByFanIn: true) };
            return new GainedNetwork(name, gain, context.Inspect(recipe).Layers, context.Train(recipe, steps));
        }
    }
}

/// <summary>A deep network whose weights were drawn with a gain.</summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Gain">The gain.</param>
/// <param name="Layers">The layers at the start: those with tanh, or where there is none, the linear ones below the logits.</param>
/// <param name="Training">How a short training went.</param>
sealed record GainedNetwork(string Recipe, double Gain, IReadOnlyList<LayerInspection> Layers, TrainingRecord Training);
