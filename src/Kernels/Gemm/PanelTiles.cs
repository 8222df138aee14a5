using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

// The register tiles of TilePackedGemm: 2, 4 or 6 rows of two vectors. Tiles are written by nesting, so that every value is a field, and
// every field a register. Six rows take 12 registers for sums and 4 for operands, all that AVX2 has.

/// <summary>A tile of C in registers, as wide as a panel.</summary>
interface IPanelTile<TSelf, TLanes>
    where TSelf : struct, IPanelTile<TSelf, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    static abstract int Rows { get; }

    /// <summary>One k-step: adds a column of A times a row of B.</summary>
    /// <param name="a">The rows of the copy of A, from the tile's first on.</param>
    /// <param name="k">Where the column stands in them.</param>
    /// <param name="left">The first vector of the row of B.</param>
    /// <param name="right">The second.</param>
    void Add<TMemory>(TMemory a, int k, TLanes left, TLanes right)
        where TMemory : struct, IMemory<TMemory, TLanes>;

    /// <summary>C = the tile.</summary>
    void Store<TMemory>(TMemory c, long rowStride)
        where TMemory : struct, IMemory<TMemory, TLanes>;

    /// <summary>C += factor · the tile.</summary>
    void AddTo<TMemory>(TMemory c, long rowStride, TLanes factor)
        where TMemory : struct, IMemory<TMemory, TLanes>;
}

/// <summary>A tile of two rows.</summary>
struct TwoRows<TLanes> : IPanelTile<TwoRows<TLanes>, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    TLanes upperLeft;
    TLanes upperRight;
    TLanes lowerLeft;
    TLanes lowerRight;

    public static int Rows => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TMemory>(TMemory a, int k, TLanes left, TLanes right)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes upper = a.Broadcast(k);
        TLanes lower = a.Broadcast(TilePackedGemm.LeftStride + k);
        upperLeft = TLanes.MultiplyAdd(upper, left, upperLeft);
        upperRight = TLanes.MultiplyAdd(upper, right, upperRight);
        lowerLeft = TLanes.MultiplyAdd(lower, left, lowerLeft);
        lowerRight = TLanes.MultiplyAdd(lower, right, lowerRight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMemory>(TMemory c, long rowStride)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory lower = c.From(rowStride);
        c.Store(0, upperLeft);
        c.Store(TLanes.Count, upperRight);
        lower.Store(0, lowerLeft);
        lower.Store(TLanes.Count, lowerRight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo<TMemory>(TMemory c, long rowStride, TLanes factor)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory lower = c.From(rowStride);
        c.Store(0, TLanes.MultiplyAdd(factor, upperLeft, c.Load(0)));
        c.Store(TLanes.Count, TLanes.MultiplyAdd(factor, upperRight, c.Load(TLanes.Count)));
        lower.Store(0, TLanes.MultiplyAdd(factor, lowerLeft, lower.Load(0)));
        lower.Store(TLanes.Count, TLanes.MultiplyAdd(factor, lowerRight, lower.Load(TLanes.Count)));
    }
}

/// <summary>Two tiles, one upon the other.</summary>
struct StackedRows<TUpper, TLower, TLanes>() : IPanelTile<StackedRows<TUpper, TLower, TLanes>, TLanes>
    where TUpper : struct, IPanelTile<TUpper, TLanes>
    where TLower : struct, IPanelTile<TLower, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    TUpper upper = default;
    TLower lower = default;

    public static int Rows => TUpper.Rows + TLower.Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add<TMemory>(TMemory a, int k, TLanes left, TLanes right)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        upper.Add(a, k, left, right);
        lower.Add(a, (TUpper.Rows * TilePackedGemm.LeftStride) + k, left, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMemory>(TMemory c, long rowStride)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        upper.Store(c, rowStride);
        lower.Store(c.From(TUpper.Rows * rowStride), rowStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo<TMemory>(TMemory c, long rowStride, TLanes factor)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        upper.AddTo(c, rowStride, factor);
        lower.AddTo(c.From(TUpper.Rows * rowStride), rowStride, factor);
    }
}
