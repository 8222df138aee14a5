using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>
/// A group computes a tile of C, 16 x 16, and goes along K in tiles of A and B that its threads copy to shared memory together. A thread
/// still has one output.
/// </summary>
sealed class Rung3SharedTiles(Launcher launcher) : IRung
{
    const int MaxTile = SquareGroup.MaxSide * SquareGroup.TileK;

    readonly int side = SquareGroup.SideFor(launcher.Shape);
    readonly Action<AcceleratorStream, KernelConfig, RowMajor, RowMajor, SpecializedValue<int>, RowMajor> kernel =
        launcher.Accelerator.LoadKernel<RowMajor, RowMajor, SpecializedValue<int>, RowMajor>(SharedTilesKernel);

    public string Name => "tiles in shared memory";

    public string Why => "A value comes from global memory once for the 16 threads that need it, not once for each of them.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) =>
        kernel(launcher.Stream, new(c.Tiles(side, side), side * side), a, b, SpecializedValue.New(side), c);

    static void SharedTilesKernel(RowMajor a, RowMajor b, SpecializedValue<int> side, RowMajor c)
    {
        ArrayView<float> left = SharedMemory.Allocate<float>(MaxTile);
        ArrayView<float> right = SharedMemory.Allocate<float>(MaxTile);
        int tilesAcross = c.TilesAcross(side);
        int tileRow = Grid.IdxX / tilesAcross * side;
        int tileColumn = Grid.IdxX % tilesAcross * side;
        int row = Group.IdxX / side;
        int column = Group.IdxX % side;
        float sum = 0;
        for (int k = 0; k < a.Columns; k += SquareGroup.TileK)
        {
            // Race: a thread would overwrite the last tiles while another still computes with them.
            Group.Barrier();
            SquareGroup.Copy(a, tileRow, k, left, side, SquareGroup.TileK);
            SquareGroup.Copy(b, k, tileColumn, right, SquareGroup.TileK, side);

            // Race: a thread would compute with values that another has not stored yet.
            Group.Barrier();
            for (int step = 0; step < SquareGroup.TileK; step++)
            {
                sum += left[(row * SquareGroup.TileK) + step] * right[(step * side) + column];
            }
        }
        c.Write(tileRow + row, tileColumn + column, sum);
    }
}
