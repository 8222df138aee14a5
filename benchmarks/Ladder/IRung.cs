namespace Makemore.Gpu.Benchmarks.Ladder;

/// <summary>A rung of a ladder: one way to compute C [M, N] = A [M, K]·B [K, N], a small step above the one below it.</summary>
interface IRung
{
    /// <summary>What it does, for people.</summary>
    string Name { get; }

    /// <summary>Why that is faster than the rung below, in one sentence.</summary>
    string Why { get; }

    /// <summary>Launches C = A·B.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [K, N].</param>
    /// <param name="c">C [M, N].</param>
    void Multiply(RowMajor a, RowMajor b, RowMajor c);
}
