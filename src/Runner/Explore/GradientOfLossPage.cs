using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="GradientOfLoss"/>.</summary>
static class GradientOfLossPage
{
    public static Page Of(GradientOfLoss result)
    {
        int examples = result.Targets.Count;
        IReadOnlyList<string> characters = result.Characters;
        bool areAll = characters.Count <= Cells.MaxCharacters;
        string largest = $"{Cells.MaxCharacters} of {Format.Counted(characters.Count, "character")}, those with the largest gradients";
        return new Page($"The gradient of the loss in the logits of recipe {result.Recipe}",
        [
            new Section("One row")
            {
                Text = $"The first of {examples} examples: softmax's probabilities, and {examples} times the gradient. They are the same "
                    + "but for the right character, where 1 is taken away. Training pulls each wrong character down as hard as it was "
                    + "believed in, and the right one up by as much as all of them together: the row's sum is 0."
                    + (areAll ? "" : $" Shown are {largest}."),
                Grid = new Grid(
                    ["character", "p", $"{examples} x gradient"],
                    [
                        .. result.LargestColumns(rows: 1, Cells.MaxCharacters).Select(i => (string[])
                        [
                            i == result.Targets[0] ? $"{characters[i]} (right)" : characters[i],
                            Format.Fixed(result.Probabilities[0][i], 4),
                            Format.Signed((double)examples * result.Gradient[0][i], 4),
                        ]),
                    ]),
                Lines = [$"sum of the row: {Format.Scientific(result.RowSum(0))}"],
            },
            new Section("The whole batch")
            {
                Text = $"A row for each example, a column for each {(areAll ? "character" : $"of {largest}")}. The dark place in each row "
                    + "is the right character; the others are the lighter, the more the network believed in them.",
                Lines =
                [
                    $"largest |sum of a row|: {Format.Scientific(result.LargestRowSum)}",
                    $"largest difference from (p - 1)/{examples} at the right character and p/{examples} elsewhere: "
                    + Format.Scientific(result.LargestDifference),
                ],
                Pictures = [Map(result, characters)],
            },
        ]);
    }

    static ShadeMap Map(GradientOfLoss result, IReadOnlyList<string> characters)
    {
        IReadOnlyList<int> columns = result.LargestColumns(result.Gradient.Count, Cells.MaxCharacters);
        var values = new double[result.Gradient.Count, columns.Count];
        for (int row = 0; row < values.GetLength(0); row++)
        {
            for (int column = 0; column < values.GetLength(1); column++)
            {
                values[row, column] = result.Gradient[row][columns[column]];
            }
        }
        double[] all = [.. values.Cast<double>()];
        return new ShadeMap(
            "gradient-of-logits", $"The gradient of the logits of recipe {result.Recipe}", "character", "example", values,
            Black: all.Min(), White: all.Max())
        {
            Names = [.. columns.Select(column => characters[column])],
        };
    }
}
