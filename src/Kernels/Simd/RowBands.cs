namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// How many neighboring rows an operation of a processor takes side by side, vector by vector: so many sums and factors of features stay in
/// registers for them. In matrices whose rows lie a power of two apart, the values below each other share a set of the first cache, which
/// has 8 lines.
/// </summary>
static class RowBands
{
    /// <summary>Rows of an operation on one matrix.</summary>
    public const int OfOne = 8;

    /// <summary>Rows of an operation on two matrices.</summary>
    public const int OfTwo = 4;

    /// <summary>Rows of an operation on three matrices.</summary>
    public const int OfThree = 2;
}
