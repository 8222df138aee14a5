using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// The gradient of the loss in the logits, of a recipe's first batch: (p - onehot) / N. It pulls every character down by its probability,
/// and the right one up; the sum of each row is 0.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Targets">The right character of each row [N].</param>
/// <param name="Probabilities">p [N, V], from the losses for all targets.</param>
/// <param name="Gradient">The gradient of the logits [N, V], as the kernel gives it.</param>
/// <param name="Characters">The characters of the columns.</param>
sealed record GradientOfLoss(
    string Recipe, IReadOnlyList<int> Targets, IReadOnlyList<float[]> Probabilities, IReadOnlyList<float[]> Gradient,
    IReadOnlyList<string> Characters)
{
    /// <summary>The largest sum of a row, without its sign: 0 to rounding.</summary>
    public double LargestRowSum => Enumerable.Range(0, Gradient.Count).Max(row => Math.Abs(RowSum(row)));

    /// <summary>The largest difference of the gradient from (p - onehot) / N.</summary>
    public double LargestDifference => Enumerable.Range(0, Targets.Count).Max(row => Enumerable.Range(0, Gradient[row].Length).Max(column =>
    {
        double expected = ((double)Probabilities[row][column] - (column == Targets[row] ? 1 : 0)) / Targets.Count;
        return Math.Abs(Gradient[row][column] - expected);
    }));

    /// <summary>The columns whose values are the largest in any of some rows, without their signs; in the order of the columns.</summary>
    /// <param name="rows">How many of the first rows are looked at.</param>
    /// <param name="count">How many columns, all where there are fewer.</param>
    public IReadOnlyList<int> LargestColumns(int rows, int count) =>
    [
        .. Enumerable.Range(0, Gradient[0].Length)
            .OrderByDescending(column => Gradient.Take(rows).Max(row => Math.Abs(row[column])))
            .Take(count)
            .Order(),
    ];

    /// <summary>The sum of a row.</summary>
    /// <param name="row">The row.</param>
    public double RowSum(int row) => Gradient[row].Sum(value => (double)value);

    /// <summary>Draws the network and runs a batch forward and backward.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="recipe">The recipe; null for backprop.</param>
    public static GradientOfLoss Run(ExperimentContext context, Recipe? recipe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        recipe ??= Recipes.Recipe.Named("backprop");
        using ExperimentRun run = context.Draw(recipe);
        int[] batch = run.NextBatch();
        run.Inspector.Inspect(batch, step: 0);
        Tensor logits = run.Inspector.Activations.Logits;
        int vocabulary = run.Network.Vocabulary;
        float[][] losses = Softmax.Losses(context.Kernels, logits.ToArray(), vocabulary);
        return new GradientOfLoss(
            recipe.Name,
            context.Data.Train.TargetsOf(batch),
            Array.ConvertAll(losses, row => Array.ConvertAll(row, loss => MathF.Exp(-loss))),
            [.. logits.GradientToArray().Chunk(vocabulary)],
            context.Data.Vocabulary.Tokens);
    }
}
