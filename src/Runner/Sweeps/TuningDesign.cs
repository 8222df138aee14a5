using System.Globalization;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// The settings that tuning tries: those of the call, and others around its learning rate, its sizes and its L2 losses. They come from a
/// sequence that fills a square evenly (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018), so that they are the
/// same in each call.
/// </summary>
static class TuningDesign
{
    // Networks of one shape are trained at once. Whether there is an L2 loss is part of the shape.
    const int Shapes = 8;
    const int OfShape = 4;

    const int WidthStep = 8;

    static readonly NumberRange RateFactors = new(0.4, 2.5, IsLog: true);
    static readonly NumberRange HiddenFactors = new(0.5, 1.5, IsLog: true);
    static readonly NumberRange EmbeddingFactors = new(0.8, 2, IsLog: true);

    // The loss is that of the mean square: divided by thousands of weights, less has no effect.
    static readonly NumberRange L2 = new(1, 4, IsLog: true);

    /// <summary>The settings that are tuned.</summary>
    public static IReadOnlyList<string> Names { get; } = ["learning-rate", "hidden", "embedding", "l2"];

    /// <summary>The settings, each as what changes in those of the call; those of the call, in which nothing changes, come first.</summary>
    /// <param name="recipe">The recipe of the call.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="given">The names of the settings that the call gives, which stay.</param>
    public static IReadOnlyList<IReadOnlyList<Setting>> Of(Recipe recipe, int vocabulary, IReadOnlyCollection<string> given)
    {
        // The table of the embedding comes first, and is no matrix of weights.
        string[] weights =
        [
            .. NetworkShape.Of(recipe, vocabulary).Parameters.Where(tensor => tensor.Sizes.Count == 2).Skip(1)
                .Select(tensor => tensor.Name),
        ];
        var tried = new List<IReadOnlyList<Setting>> { Array.Empty<Setting>() };
        for (int i = 1; i < Shapes * OfShape; i++)
        {
            (double hidden, double embedding) = Point(i / OfShape);
            (double rate, double l2) = Point(i);
            // Once without an L2 loss, and once with it.
            bool isOwnShape = i < 2 * OfShape;
            bool hasL2 = i / OfShape % 2 == 1;
            IEnumerable<Setting> settings =
            [
                new("learning-rate", Text(recipe.LearningRate * RateFactors.At(rate))),
                .. isOwnShape ? [] : Sizes(recipe, HiddenFactors.At(hidden), EmbeddingFactors.At(embedding)),
                .. hasL2 ? [new Setting("l2", string.Join(',', weights.Select(name => $"{name}={Text(L2.At(l2))}")))] : (Setting[])[],
            ];
            tried.Add([.. settings.Where(setting => !given.Contains(setting.Name))]);
        }
        return [.. tried.DistinctBy(settings => string.Join('\n', settings))];
    }

    static Setting[] Sizes(Recipe recipe, double hidden, double embedding)
    {
        // Group normalization divides the width.
        int step = recipe.Normalization is { Groups: > 1 } grouped ? grouped.Groups : WidthStep;
        return
        [
            new("hidden", string.Join(',', recipe.Hidden.Select(width => Math.Max(1, (int)Math.Round(width * hidden / step)) * step))),
            new("embedding", Math.Max(1, (int)Math.Round(recipe.Embedding * embedding)).ToString(CultureInfo.InvariantCulture)),
        ];
    }

    // The i-th point of the sequence. Its steps come from the plastic number, the solution of x³ = x + 1.
    static (double X, double Y) Point(int i)
    {
        const double Plastic = 1.32471795724474602596;
        return (Part(i / Plastic), Part(i / (Plastic * Plastic)));

        static double Part(double value) => (0.5 + value) % 1;
    }

    // As many digits as can be told apart.
    static string Text(double value) => NumberRange.Shortest(double.Parse(
        value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}
