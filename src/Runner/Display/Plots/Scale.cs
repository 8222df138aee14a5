using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using ScottPlot.TickGenerators;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>The part of an axis that is shown.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
sealed record Scale(double Low, double High)
{
    // Far beyond any loss; sums and differences of what is nearer are finite.
    const double Farthest = 1e100;

    const double Smallest = 1 / Farthest;

    // Values that are nearer to each other, for their size, are one: there would be no numbers for ticks between them.
    const double Nearest = 1e-9;

    // The last one is for powers of ten that were rounded down.
    static readonly double[] NiceSteps = [1, 2, 5, 10, 20];

    /// <summary>Its length.</summary>
    public double Span => High - Low;

    /// <summary>Whether an axis can have a value: it is a number, and not out of all proportion.</summary>
    /// <param name="value">The value.</param>
    public static bool Holds(double value) => Math.Abs(value) <= Farthest;

    /// <summary>The scale that shows some values.</summary>
    /// <param name="values">The values; those that an axis cannot have do not count.</param>
    /// <param name="padding">The free part at each end.</param>
    public static Scale Of(IEnumerable<double> values, double padding)
    {
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        foreach (double value in values.Where(Holds))
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        if (low > high)
        {
            return new Scale(0, 1);
        }
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        double around = high - low > Math.Max(size * Nearest, Smallest)
            ? (high - low) * padding
            // A single value stands in the middle.
            : size < Smallest ? 1 : size / 2;
        return new Scale(low - around, high + around);
    }

    /// <summary>The scale with ends that were asked for.</summary>
    /// <param name="extent">The ends.</param>
    public Scale Within(Extent extent) => new(extent.Low ?? Low, extent.High ?? High);

    /// <summary>Ticks at 1, 2 or 5 times a power of ten, all with as many decimals.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="wholeNumbers">Whether only whole numbers mean something.</param>
    public NumericManual Ticks(int count, bool wholeNumbers)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Span / count)));
        double step = NiceSteps.Select(nice => nice * power).First(step => Span <= step * count);
        step = wholeNumbers ? Math.Max(1, step) : step;
        double first = Math.Ceiling(Low / step);
        double[] positions = [.. Enumerable.Range(0, count + 1).Select(i => (first + i) * step).Where(position => position <= High)];
        return new NumericManual(positions, Array.ConvertAll(positions, position => Format.Tick(position, step)));
    }
}
