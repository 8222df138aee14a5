using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>
/// The same tiles, loaded four values at a time. A's tile is transposed on its way to shared memory, so that the four rows of a thread are
/// neighbors there, as its four columns of B are.
/// </summary>
sealed class Rung6VectorizedLoads(Launcher launcher) : IRung
{
    const int MaxTile = Float4.Count * SquareGroup.MaxSide * SquareGroup.TileK;

    readonly int side = SquareGroup.SideFor(launcher.Shape);
    readonly Action<AcceleratorStream, KernelConfig, RowMajor, RowMajor, SpecializedValue<int>, RowMajor> kernel =
        launcher.Accelerator.LoadKernel<RowMajor, RowMajor, SpecializedValue<int>, RowMajor>(VectorizedLoadsKernel);

    public string Name => "vectorized loads";

    public string Why => "One instruction loads four neighboring values: 2 loads from shared memory for 16 multiply-adds.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => kernel(
        launcher.Stream, new(c.Tiles(Float4.Count * side, Float4.Count * side), side * side), a, b, SpecializedValue.New(side), c);

    static void VectorizedLoadsKernel(RowMajor a, RowMajor b, SpecializedValue<int> side, RowMajor c)
    {
        ArrayView<float> left = SharedMemory.Allocate<float>(MaxTile);
        ArrayView<Float4> rows = left.Cast<Float4>();
        ArrayView<Float4> columns = SharedMemory.Allocate<float>(MaxTile).Cast<Float4>();
        int tile = Float4.Count * side;
        int tilesAcross = c.TilesAcross(tile);
        int tileRow = Grid.IdxX / tilesAcross * tile;
        int tileColumn = Grid.IdxX % tilesAcross * tile;
        int threadRow = Group.IdxX / side;
        int threadColumn = Group.IdxX % side;
        Float4x4 sum = default;
        for (int k = 0; k < a.Columns; k += SquareGroup.TileK)
        {
            // Race: a thread would overwrite the last tiles while another still computes with them.
            Group.Barrier();
            CopyTransposed(a, tileRow, k, left, tile);
            for (int i = Group.IdxX; i < SquareGroup.TileK * side; i += Group.DimX)
            {
                columns[i] = b.ReadFour(k + (i / side), tileColumn + (i % side * Float4.Count));
            }

            // Race: a thread would compute with values that another has not stored yet.
            Group.Barrier();
            for (int step = 0; step < SquareGroup.TileK; step++)
            {
                sum = sum.MultiplyAdd(rows[(step * side) + threadRow], columns[(step * side) + threadColumn]);
            }
        }
        int row = tileRow + (threadRow * Float4.Count);
        int column = tileColumn + (threadColumn * Float4.Count);
        c.Write(row, column, sum.A);
        c.Write(row + 1, column, sum.B);
        c.Write(row + 2, column, sum.C);
        c.Write(row + 3, column, sum.D);
    }

    // A's tile [lines, K] as [K, lines].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void CopyTransposed(RowMajor a, int row, int k, ArrayView<float> shared, int lines)
    {
        const int VectorsOfLine = SquareGroup.TileK / Float4.Count;
        for (int i = Group.IdxX; i < lines * VectorsOfLine; i += Group.DimX)
        {
            int line = i / VectorsOfLine;
            int step = i % VectorsOfLine * Float4.Count;
            Float4 values = a.ReadFour(row + line, k + step);
            int index = (step * lines) + line;
            shared[index] = values.X;
            shared[index + lines] = values.Y;
            shared[index + (2 * lines)] = values.Z;
            shared[index + (3 * lines)] = values.W;
        }
    }
}
