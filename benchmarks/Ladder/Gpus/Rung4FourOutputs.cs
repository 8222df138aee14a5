using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>A thread has four outputs in a column, in registers, and the tile of C is 64 x 16.</summary>
sealed class Rung4FourOutputs(Launcher launcher) : IRung
{
    const int MaxTile = SquareGroup.MaxSide * SquareGroup.TileK;

    readonly int side = SquareGroup.SideFor(launcher.Shape);
    readonly Action<AcceleratorStream, KernelConfig, RowMajor, RowMajor, SpecializedValue<int>, RowMajor> kernel =
        launcher.Accelerator.LoadKernel<RowMajor, RowMajor, SpecializedValue<int>, RowMajor>(FourOutputsKernel);

    public string Name => "four outputs per thread";

    public string Why => "A value of B, loaded from shared memory once, is used four times: 5 loads for 4 multiply-adds instead of 8.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) =>
        kernel(launcher.Stream, new(c.Tiles(Float4.Count * side, side), side * side), a, b, SpecializedValue.New(side), c);

    static void FourOutputsKernel(RowMajor a, RowMajor b, SpecializedValue<int> side, RowMajor c)
    {
        ArrayView<float> left = SharedMemory.Allocate<float>(Float4.Count * MaxTile);
        ArrayView<float> right = SharedMemory.Allocate<float>(MaxTile);
        int tilesAcross = c.TilesAcross(side);
        int tileRow = Grid.IdxX / tilesAcross * Float4.Count * side;
        int tileColumn = Grid.IdxX % tilesAcross * side;
        int row = Group.IdxX / side * Float4.Count;
        int column = Group.IdxX % side;
        Float4 sum = default;
        for (int k = 0; k < a.Columns; k += SquareGroup.TileK)
        {
            // Race: a thread would overwrite the last tiles while another still computes with them.
            Group.Barrier();
            SquareGroup.Copy(a, tileRow, k, left, Float4.Count * side, SquareGroup.TileK);
            SquareGroup.Copy(b, k, tileColumn, right, SquareGroup.TileK, side);

            // Race: a thread would compute with values that another has not stored yet.
            Group.Barrier();
            for (int step = 0; step < SquareGroup.TileK; step++)
            {
                int index = (row * SquareGroup.TileK) + step;
                var rows = new Float4(
                    left[index], left[index + SquareGroup.TileK],
                    left[index + (2 * SquareGroup.TileK)], left[index + (3 * SquareGroup.TileK)]);
                sum = Float4.MultiplyAdd(right[(step * side) + column], rows, sum);
            }
        }
        c.Write(tileRow + row, tileColumn + column, sum.X);
        c.Write(tileRow + row + 1, tileColumn + column, sum.Y);
        c.Write(tileRow + row + 2, tileColumn + column, sum.Z);
        c.Write(tileRow + row + 3, tileColumn + column, sum.W);
    }
}
