namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// The room that a thread gives to tile operations which sum over the batch. Each feature leaves its sums as lanes, a row for each; then
/// the rows are summed all at once, which gives a feature in each lane for the arithmetic that follows.
/// </summary>
public static class TileScratch
{
    /// <summary>The most lanes that there are.</summary>
    public const int MostLanes = 16;

    /// <summary>Values of one square of sums.</summary>
    public const int Square = MostLanes * MostLanes;

    /// <summary>Values in all: two squares, and three values for each lane.</summary>
    public const int Size = (2 * Square) + (3 * MostLanes);
}
