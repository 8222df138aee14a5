using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// An operation on a tile: the part of a matrix that one thread works on at a time. It is written once, for any lanes; its fields are
/// its operands. A kernel runs it by <see cref="Tile.Run"/>.
/// </summary>
public interface ITileOperation
{
    /// <summary>Runs the operation.</summary>
    /// <typeparam name="TLanes">What is computed with.</typeparam>
    /// <typeparam name="TMemory">How memory is reached.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>;
}
