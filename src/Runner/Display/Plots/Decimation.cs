using ScottPlot;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>Fewer points for the same line: more than the eye can tell apart would only make files large.</summary>
static class Decimation
{
    /// <summary>The lowest and the highest point of each column; all points where they are few, or not in the order of x.</summary>
    /// <param name="points">The points.</param>
    /// <param name="columns">The columns, as many as the drawing is pixels wide.</param>
    public static Coordinates[] Thin(Coordinates[] points, int columns)
    {
        if (points.Length <= 2 * columns || !InOrder(points))
        {
            return points;
        }
        double left = points[0].X;
        double perColumn = (points[^1].X - left) / columns;
        var thin = new List<Coordinates>(2 * columns);
        for (int start = 0, end; start < points.Length; start = end)
        {
            int column = Column(points[start]);
            (int low, int high) = (start, start);
            for (end = start + 1; end < points.Length && Column(points[end]) == column; end++)
            {
                low = points[end].Y < points[low].Y ? end : low;
                high = points[end].Y > points[high].Y ? end : high;
            }
            thin.Add(points[Math.Min(low, high)]);
            thin.Add(points[Math.Max(low, high)]);
        }
        return [.. thin];

        int Column(Coordinates point) => (int)((point.X - left) / perColumn);
    }

    static bool InOrder(Coordinates[] points)
    {
        for (int i = 1; i < points.Length; i++)
        {
            if (points[i].X < points[i - 1].X)
            {
                return false;
            }
        }
        return points[0].X < points[^1].X;
    }
}
