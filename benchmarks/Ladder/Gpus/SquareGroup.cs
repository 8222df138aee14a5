using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>A group of threads that computes a tile of C together: 16 x 16 of them, or as many as the device allows.</summary>
static class SquareGroup
{
    /// <summary>Threads of the largest group across, and down.</summary>
    public const int MaxSide = 16;

    /// <summary>K-steps of the tiles of A and B that lie in shared memory.</summary>
    public const int TileK = 16;

    /// <summary>The side of the groups of a launch shape.</summary>
    /// <param name="shape">The launch shape.</param>
    public static int SideFor(LaunchShape shape) => Math.Min((int)Math.Sqrt(shape.GroupSize), MaxSide);

    /// <summary>Copies a tile to shared memory, row by row. The threads of the group share the work.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="column">The tile's first column.</param>
    /// <param name="shared">Shared memory [rows, columns].</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="columns">Columns of the tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(RowMajor matrix, int row, int column, ArrayView<float> shared, int rows, int columns)
    {
        for (int i = Group.IdxX; i < rows * columns; i += Group.DimX)
        {
            shared[i] = matrix.Read(row + (i / columns), column + (i % columns));
        }
    }
}
