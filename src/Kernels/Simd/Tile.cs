using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ILGPU;
using ILGPU.IR.Intrinsics;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Runs tile operations on the lanes that the accelerator has:
/// <list type="table">
/// <item><term>CPU accelerator, AVX-512</term><description><see cref="Avx512Lanes"/>, 16 values, by pointers</description></item>
/// <item><term>CPU accelerator, AVX2</term><description><see cref="Avx2Lanes"/>, 8 values, by pointers</description></item>
/// <item><term>CPU accelerator, other processors</term><description>portable lanes, 8 values, by pointers</description></item>
/// <item><term>OpenCL, CUDA</term><description>portable lanes, 8 values, by views</description></item>
/// </list>
/// The fused kernel runs tile operations on <see cref="WarpLanes"/>, 32 values, where its workers are warps.
/// </summary>
static class Tile
{
    /// <summary>The lanes of OpenCL and CUDA, and of processors without the vectors of the others, by name.</summary>
    public const string Portable = "portable";

    /// <summary>The lanes of the CPU accelerator on this processor, by name: avx512, avx2 or portable.</summary>
    public static string ProcessorLanes => HasAvx512 ? "avx512" : HasAvx2 ? "avx2" : Portable;

    /// <summary>The values of a vector of these lanes.</summary>
    public static int ProcessorLaneCount => HasAvx512 ? Avx512Lanes.Count : HasAvx2 ? Avx2Lanes.Count : PortableLanes.Count;

    static bool HasAvx512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;
    }

    static bool HasAvx2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.IsHardwareAccelerated && Fma.IsSupported;
    }

    /// <summary>
    /// Runs a tile operation. An ILGPU intrinsic: on the CPU accelerator, where kernels are .NET methods, this method runs as it is
    /// written; for OpenCL and CUDA the compiler replaces it by <see cref="RunPortable"/>.
    /// </summary>
    [IntrinsicImplementation]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation
    {
        if (HasAvx512)
        {
            operation.Run<Avx512Lanes, Pointer<Avx512Lanes>>();
        }
        else if (HasAvx2)
        {
            operation.Run<Avx2Lanes, Pointer<Avx2Lanes>>();
        }
        else
        {
            operation.Run<PortableLanes, Pointer<PortableLanes>>();
        }
    }

    /// <summary>The same in C# that ILGPU compiles for every backend.</summary>
    public static void RunPortable<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => operation.Run<PortableLanes, ViewMemory>();

    /// <summary>Registers <see cref="RunPortable"/> for OpenCL and CUDA. Call it before the context is created.</summary>
    public static void RegisterPortableForm(Context.Builder builder) =>
        Intrinsics.Register(builder, typeof(Tile).GetMethod(nameof(Run))!, typeof(Tile), nameof(RunPortable));
}

/// <summary>
/// An operation on a tile, the part of a matrix that one thread or one warp works on at a time. It is written once, for any lanes; its
/// fields are its operands. A kernel runs it by <see cref="Tile.Run"/>.
/// </summary>
interface ITileOperation
{
    /// <summary>Runs the operation.</summary>
    /// <typeparam name="TLanes">The lanes that it computes with.</typeparam>
    /// <typeparam name="TMemory">How it accesses memory.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>;
}
