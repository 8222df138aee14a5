using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The part of a product that one group of <see cref="SimtGemm"/> or <see cref="TensorCoreGemm"/> computes: a tile of C, summed over one
/// split of K.
/// </summary>
/// <remarks>
/// The group walks along K in tiles of A and B. Where the split is not a multiple of such a tile, the first tile begins before the split,
/// and its first k-steps are zeros. Zeros come first, not last, so that only the first tile needs a guard, and that one is loaded before
/// the loop.
/// </remarks>
/// <param name="Split">The split of K.</param>
/// <param name="Row">The tile's first row in C.</param>
/// <param name="Column">The tile's first column in C.</param>
/// <param name="KTiles">How many tiles of A and B the group takes along K.</param>
/// <param name="FirstK">Where the first of them begins along K; before the split, by the zeros.</param>
/// <param name="Zeros">How many k-steps of the first are zeros.</param>
readonly record struct BlockTile(int Split, int Row, int Column, int KTiles, int FirstK, int Zeros)
{
    /// <summary>The block tile of this group.</summary>
    /// <param name="size">M, K and N.</param>
    /// <param name="kPerSplit">The part of K of one split.</param>
    /// <param name="tileM">Rows of a tile of C.</param>
    /// <param name="tileN">Columns of a tile of C.</param>
    /// <param name="tileK">How far a tile of A or B reaches along K.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BlockTile Of(GemmSize size, int kPerSplit, int tileM, int tileN, int tileK)
    {
        int tilesAcross = (size.N + tileN - 1) / tileN;
        int tilesPerSplit = (size.M + tileM - 1) / tileM * tilesAcross;
        int split = Grid.IdxX / tilesPerSplit;
        int tile = Grid.IdxX % tilesPerSplit;
        int start = split * kPerSplit;
        int length = IntrinsicMath.Min(kPerSplit, size.K - start);
        int kTiles = (length + tileK - 1) / tileK;
        int zeros = (kTiles * tileK) - length;
        return new(split, tile / tilesAcross * tileM, tile % tilesAcross * tileN, kTiles, start - zeros, zeros);
    }

    /// <summary>The rows of A that the tile is computed from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operand Left(ArrayView<float> a, GemmSize size) => new(a, size.M, size.K, Row, FirstK, Zeros);

    /// <summary>The columns of B that the tile is computed from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operand Right(ArrayView<float> b, GemmSize size) => new(b, size.N, size.K, Column, FirstK, Zeros);
}

/// <summary>
/// What a group reads of A [M, K] or B [K, N]: some lines, along one split of K. A line is a row of A or a column of B.
/// </summary>
/// <param name="Matrix">The whole operand.</param>
/// <param name="Lines">How many lines the whole operand has: M of A, N of B.</param>
/// <param name="K">How long a line is.</param>
/// <param name="FirstLine">The first line that the group reads.</param>
/// <param name="FirstK">Where the first tile begins along K.</param>
/// <param name="Zeros">How many k-steps of the first tile are zeros, and are not read.</param>
readonly record struct Operand(ArrayView<float> Matrix, int Lines, int K, int FirstLine, int FirstK, int Zeros);

/// <summary>C [M, N], or one split of it, in global memory. Values beyond M and N are dropped.</summary>
/// <param name="Values">The values, row by row.</param>
/// <param name="M">Rows.</param>
/// <param name="N">Columns.</param>
/// <param name="IsAligned">1 where every row begins at a multiple of 16 bytes, else 0.</param>
readonly record struct OutputMatrix(ArrayView<float> Values, int M, int N, int IsAligned)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, float value)
    {
        if (row < M && column < N)
        {
            Values[(row * N) + column] = value;
        }
    }

    /// <summary>Stores 4 neighboring values of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column of the first, a multiple of 4.</param>
    /// <param name="values">The values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, Float4 values)
    {
        if (IsAligned == 0)
        {
            Store(row, column, values.X);
            Store(row, column + 1, values.Y);
            Store(row, column + 2, values.Z);
            Store(row, column + 3, values.W);
        }
        else if (row < M && column < N)
        {
            Values.Cast<Float4>()[((row * N) + column) / 4] = values;
        }
    }
}
