using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>A thread has 4 x 4 outputs in registers, to which each k-step adds an outer product, and the tile of C is 64 x 64.</summary>
sealed class Rung5RegisterTiles(Launcher launcher) : IRung
{
    const int MaxTile = Float4.Count * SquareGroup.MaxSide * SquareGroup.TileK;

    readonly int side = SquareGroup.SideFor(launcher.Shape);
    readonly Action<AcceleratorStream, KernelConfig, RowMajor, RowMajor, SpecializedValue<int>, RowMajor> kernel =
        launcher.Accelerator.LoadKernel<RowMajor, RowMajor, SpecializedValue<int>, RowMajor>(RegisterTilesKernel);

    public string Name => "a tile of 4 x 4 outputs per thread";

    public string Why => "A tile's loads grow with its sides and its arithmetic with its area: 8 loads for 16 multiply-adds.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => kernel(
        launcher.Stream, new(c.Tiles(Float4.Count * side, Float4.Count * side), side * side), a, b, SpecializedValue.New(side), c);

    static void RegisterTilesKernel(RowMajor a, RowMajor b, SpecializedValue<int> side, RowMajor c)
    {
        ArrayView<float> left = SharedMemory.Allocate<float>(MaxTile);
        ArrayView<float> right = SharedMemory.Allocate<float>(MaxTile);
        int tile = Float4.Count * side;
        int tilesAcross = c.TilesAcross(tile);
        int tileRow = Grid.IdxX / tilesAcross * tile;
        int tileColumn = Grid.IdxX % tilesAcross * tile;
        int row = Group.IdxX / side * Float4.Count;
        int column = Group.IdxX % side * Float4.Count;
        Float4x4 sum = default;
        for (int k = 0; k < a.Columns; k += SquareGroup.TileK)
        {
            // Race: a thread would overwrite the last tiles while another still computes with them.
            Group.Barrier();
            SquareGroup.Copy(a, tileRow, k, left, tile, SquareGroup.TileK);
            SquareGroup.Copy(b, k, tileColumn, right, SquareGroup.TileK, tile);

            // Race: a thread would compute with values that another has not stored yet.
            Group.Barrier();
            for (int step = 0; step < SquareGroup.TileK; step++)
            {
                int index = (row * SquareGroup.TileK) + step;
                var rows = new Float4(
                    left[index], left[index + SquareGroup.TileK],
                    left[index + (2 * SquareGroup.TileK)], left[index + (3 * SquareGroup.TileK)]);
                index = (step * tile) + column;
                var columns = new Float4(right[index], right[index + 1], right[index + 2], right[index + 3]);
                sum = sum.MultiplyAdd(rows, columns);
            }
        }
        c.Write(tileRow + row, tileColumn + column, sum.A);
        c.Write(tileRow + row + 1, tileColumn + column, sum.B);
        c.Write(tileRow + row + 2, tileColumn + column, sum.C);
        c.Write(tileRow + row + 3, tileColumn + column, sum.D);
    }
}
