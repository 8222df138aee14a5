using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Which part of a product a group computes.</summary>
/// <param name="Split">Which slice of the depth.</param>
/// <param name="Row">The first row of its tile of C.</param>
/// <param name="Column">The first column of its tile of C.</param>
/// <param name="KTiles">How many tiles of A and of B it takes along the depth.</param>
/// <param name="FirstK">Where the first of them begins along the depth.</param>
/// <param name="Zeros">How many steps of the first are zeros.</param>
readonly record struct BlockTile(int Split, int Row, int Column, int KTiles, int FirstK, int Zeros)
{
    /// <summary>The part of this group.</summary>
    /// <param name="size">The sizes of the product.</param>
    /// <param name="sliceDepth">The depth of a slice.</param>
    /// <param name="tileRows">Rows of a tile of C.</param>
    /// <param name="tileColumns">Columns of a tile of C.</param>
    /// <param name="tileDepth">The depth of the tiles of A and B.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BlockTile Of(GemmSize size, int sliceDepth, int tileRows, int tileColumns, int tileDepth)
    {
        int across = (size.N + tileColumns - 1) / tileColumns;
        int tilesOfSlice = (size.M + tileRows - 1) / tileRows * across;
        int slice = Grid.IdxX / tilesOfSlice;
        int tile = Grid.IdxX % tilesOfSlice;
        int from = slice * sliceDepth;
        int depth = IntrinsicMath.Min(sliceDepth, size.K - from);
        int tiles = (depth + tileDepth - 1) / tileDepth;
        int zeros = (tiles * tileDepth) - depth;
        return new(slice, tile / across * tileRows, tile % across * tileColumns, tiles, from - zeros, zeros);
    }

    /// <summary>What the group reads of A.</summary>
    /// <param name="a">A.</param>
    /// <param name="size">The sizes of the product.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operand Left(ArrayView<float> a, GemmSize size) => new(a, size.M, size.K, Row, FirstK, Zeros);

    /// <summary>What the group reads of B.</summary>
    /// <param name="b">B.</param>
    /// <param name="size">The sizes of the product.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Operand Right(ArrayView<float> b, GemmSize size) => new(b, size.N, size.K, Column, FirstK, Zeros);
}

/// <summary>The product, or a part of it, in global memory. What a tile computes beyond its sizes is dropped.</summary>
/// <param name="Values">The values, row by row.</param>
/// <param name="M">How many rows.</param>
/// <param name="N">How many columns.</param>
/// <param name="IsAligned">1 where every row begins at a multiple of 16 bytes, else 0.</param>
readonly record struct OutputMatrix(ArrayView<float> Values, int M, int N, int IsAligned)
{
    /// <summary>Stores a value.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, float value)
    {
        if (row < M && column < N)
        {
            Values[(row * N) + column] = value;
        }
    }

    /// <summary>Stores four values side by side.</summary>
    /// <param name="row">Their row.</param>
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
