using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Tests.Display;

/// <summary>Pages and pictures to draw.</summary>
static class SomePages
{
    /// <summary>What a browser or a terminal would take for its own, were it not escaped.</summary>
    public const string Hostile = "<script>alert(\"1\")</script> & 'so' [bold]on[/] </pre> {{body}}";

    public static Chart Loss { get; } = new(
        "loss", "Loss during training", "step", "loss",
        [
            Line("each step", 5000, step => 2 + Math.Sin(step * 0.7) / (1 + step * 0.001), SeriesStyle.Faint),
            Line("average", 50, step => 2 + 1 / (1 + step)),
        ])
    {
        Levels = [new Level(2.5, "uniform"), new Level(1.5, "best")],
    };

    public static Chart Calibration { get; } = new(
        "calibration", "Calibration", "predicted", "observed",
        [
            new Series("ideal", [0, 1], [0, 1], SeriesStyle.Guide),
            new Series("bins", [0.1, 0.5, 0.9], [0.2, 0.4, 0.95], SeriesStyle.Points),
        ]);

    /// <summary>One cell of middle gray in the upper left corner, and black ones.</summary>
    public static ShadeMap Corner { get; } = new("corner", "A gray corner", "column", "row", CornerOnly(8, 20), 0, 1);

    public static Page Page { get; } = new(
        "A run",
        [
            new Section("Loss") { Text = "What to look at.\n\nAnd why.", Pictures = [Loss] },
            new Section("Cells") { Lines = ["layer 1:  0.5", "layer 2: -0.5"], Pictures = [Corner, Calibration] },
            new Section("Tensors") { Grid = new Grid(["tensor", "mean", "deviation"], [["C", "0.01", "1"], ["W1", "-12.5", "0.2"]]) },
        ]);

    /// <summary>The page with hostile text wherever a page has text.</summary>
    public static Page HostilePage { get; } = new(
        Hostile,
        [
            new Section(Hostile)
            {
                Text = Hostile,
                Lines = [Hostile],
                Grid = new Grid([Hostile, Hostile], [[Hostile, Hostile]]),
                Pictures =
                [
                    Loss with
                    {
                        Title = Hostile,
                        XLabel = Hostile,
                        Series = [Line(Hostile, 3, step => step), Line("other", 3, step => step)],
                    },
                ],
            },
        ]);

    public static Series Line(string name, int count, Func<double, double> value, SeriesStyle style = SeriesStyle.Line)
    {
        double[] steps = [.. Enumerable.Range(0, count).Select(step => (double)step)];
        return new Series(name, steps, Array.ConvertAll(steps, step => value(step)), style);
    }

    public static Chart ChartOf(params double[] values) =>
        new("odd", "Odd values", "step", "value", [new Series("odd", [.. values.Select((_, i) => (double)i)], values)]);

    static double[,] CornerOnly(int rows, int columns)
    {
        var values = new double[rows, columns];
        values[0, 0] = 0.5;
        return values;
    }
}
