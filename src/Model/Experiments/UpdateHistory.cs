using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How large the updates of a training were beside what they update, for each matrix of parameters: log10 of learning rate · std(dW) /
/// std(W).
/// </summary>
/// <param name="Matrices">The names of the matrices.</param>
/// <param name="Steps">The steps that were looked at.</param>
/// <param name="Ratios">For each matrix, log10 of the ratio at each of the steps.</param>
/// <param name="Training">How the training went.</param>
sealed record UpdateHistory(
    IReadOnlyList<string> Matrices, IReadOnlyList<int> Steps, IReadOnlyList<IReadOnlyList<double>> Ratios, TrainingRecord Training)
{
    /// <summary>For each matrix, the mean of the last tenth of its logarithms.</summary>
    public IReadOnlyList<double> FinalRatios => [.. Ratios.Select(ratios => ratios.TakeLast(Math.Max(1, ratios.Count / 10)).Average())];

    /// <summary>Trains a network, and looks at it a hundred times meanwhile.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="steps">The steps.</param>
    public static UpdateHistory Of(ExperimentContext context, Recipe recipe, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        using ExperimentRun run = context.Draw(recipe);
        using var watch = new TrainingWatch(context.Kernels, run.Network, context.Data.Train, TrainingWatch.EveryFor(steps));
        TrainingRecord training = run.Train(steps, watch);
        string[] matrices = [.. watch.Steps[0].UpdateToData.Keys];
        return new UpdateHistory(
            matrices,
            [.. watch.Steps.Select(seen => seen.Step)],
            [.. matrices.Select(matrix => watch.Steps.Select(seen => seen.LogUpdateToData(matrix)).ToArray())],
            training);
    }
}
