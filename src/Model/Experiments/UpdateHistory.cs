using Makemore.Gpu.Model.Diagnostics;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How large the updates of a training were beside what they update, for each matrix of parameters: log10 of learning rate · std(dW) /
/// std(W). The lecture's rule of thumb is -3: far below it a matrix learns slowly, far above it it is thrown about.
/// </summary>
/// <param name="Matrices">The names of the matrices.</param>
/// <param name="Steps">The steps that were looked at.</param>
/// <param name="Ratios">For each matrix, log10 of the ratio at each of the steps.</param>
/// <param name="Training">How the training went.</param>
public sealed record UpdateHistory(
    IReadOnlyList<string> Matrices, IReadOnlyList<int> Steps, IReadOnlyList<IReadOnlyList<double>> Ratios, TrainingRecord Training)
{
    /// <summary>log10 of the ratio that is neither too slow nor too fast.</summary>
    public const double RuleOfThumb = -3;

    const int Looks = 100;

    /// <summary>For each matrix, the mean of the last tenth of its logarithms.</summary>
    public IReadOnlyList<double> FinalRatios => [.. Ratios.Select(ratios => ratios.TakeLast(Math.Max(1, ratios.Count / 10)).Average())];

    /// <summary>Trains a network, and looks at it a hundred times meanwhile.</summary>
    /// <param name="laboratory">Where.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="steps">The steps.</param>
    public static UpdateHistory Of(Laboratory laboratory, Recipe recipe, int steps)
    {
        ArgumentNullException.ThrowIfNull(laboratory);
        using Trial trial = laboratory.Draw(recipe);
        using var watch = new TrainingWatch(laboratory.Kernels, trial.Network, laboratory.Data.Train, Math.Max(1, steps / Looks));
        TrainingRecord training = trial.Train(steps, watch);
        string[] matrices = [.. watch.Steps[0].UpdateToData.Keys];
        return new UpdateHistory(
            matrices,
            [.. watch.Steps.Select(seen => seen.Step)],
            [.. matrices.Select(matrix => watch.Steps.Select(seen => Math.Log10(seen.UpdateToData[matrix])).ToArray())],
            training);
    }
}
