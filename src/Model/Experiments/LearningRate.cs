using System.Globalization;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How a learning rate is found, and how it shows in the updates: a recipe, trained for a short while at rates from 0.001 to 1 at once, and
/// again at some of them to look at its updates.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Uniform">The loss of a guess that gives each character the same probability.</param>
/// <param name="Found">The trainings at many rates, the smallest rate first.</param>
/// <param name="Rates">The trainings whose updates were looked at, the largest rate first.</param>
sealed record LearningRate(
    string Recipe, int Steps, double Uniform, IReadOnlyList<TriedRate> Found, IReadOnlyList<RateHistory> Rates)
{
    // Of the exponent, as in the first lecture on the MLP: from -3 to 0 in equal parts.
    const int Exponents = 3;
    const int Parts = 4;

    /// <summary>The rate with the lowest dev loss; null where all diverged.</summary>
    public double? Best => Found.Where(tried => tried.Losses is not null).MinBy(tried => tried.Losses!.Dev)?.Rate;

    /// <summary>Trains the network at each rate.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    /// <param name="recipe">The recipe; null for deep-tanh.</param>
    public static LearningRate Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        recipe ??= Recipes.Recipe.Named("deep-tanh");
        double[] rates = [1, 0.1, 0.001];
        return new LearningRate(
            recipe.Name, steps, context.Data.Vocabulary.UniformLoss, Find(context, steps, recipe),
            [.. rates.Select(rate => new RateHistory(rate, UpdateHistory.Of(context, recipe with { LearningRate = rate }, steps)))]);
    }

    static TriedRate[] Find(ExperimentContext context, int steps, Recipe recipe)
    {
        double[] rates = [.. Enumerable.Range(0, (Exponents * Parts) + 1).Select(part => Rounded(((double)part / Parts) - Exponents))];
        // After few steps, the running statistics would cost loss that has nothing to do with the rate.
        Recipe calibrated = recipe with { Normalization = recipe.Normalization?.Calibrated() };
        IReadOnlyList<TrainedTogether> trained = TrainedTogether.Run(
            context, [.. rates.Select(rate => (calibrated with { LearningRate = rate }, context.Seed))], steps);
        return [.. rates.Zip(trained, (rate, run) => new TriedRate(rate, run.Training.FinalLoss, run.Losses, run.Training.DivergedAt))];
    }

    // A rate as it can be typed again.
    static double Rounded(double exponent) => double.Parse(
        Math.Pow(10, exponent).ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

/// <summary>A training at a learning rate.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Updates">Its updates.</param>
sealed record RateHistory(double Rate, UpdateHistory Updates);

/// <summary>A training at one of many learning rates.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="FinalLoss">The mean loss of the last tenth of the steps; not a finite number where training diverged.</param>
/// <param name="Losses">
/// The losses of two splits after the last step, with statistics of the training split where the recipe has BatchNorm; null where training
/// diverged.
/// </param>
/// <param name="DivergedAt">The step at which the loss was no longer a number; null where it stayed one.</param>
sealed record TriedRate(double Rate, double FinalLoss, ShortRunLosses? Losses, int? DivergedAt);
