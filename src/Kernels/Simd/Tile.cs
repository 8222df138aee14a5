using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Runs tile operations on the lanes that the accelerator has:
/// <list type="table">
/// <item><term>CPU accelerator, AVX-512</term><description><see cref="Avx512Lanes"/>, 16 values, by pointers</description></item>
/// <item><term>CPU accelerator, AVX2</term><description><see cref="Avx2Lanes"/>, 8 values, by pointers</description></item>
/// <item><term>CPU accelerator, other processors</term><description>portable lanes, by pointers</description></item>
/// <item><term>OpenCL, CUDA</term><description>portable lanes: <see cref="TwiceLanes{THalf}"/> of <see cref="Scalar"/>, 8 values, by views</description></item>
/// </list>
/// </summary>
static class Tile
{
    /// <summary>
    /// Runs a tile operation. An ILGPU intrinsic: on the CPU accelerator, where kernels are .NET methods, this method runs as it stands;
    /// for OpenCL and CUDA the compiler puts <see cref="RunPortable"/> in its place.
    /// </summary>
    /// <typeparam name="TOperation">The operation.</typeparam>
    /// <param name="operation">The operation and its operands.</param>
    [IntrinsicImplementation]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            operation.Run<Avx512Lanes, Pointer<Avx512Lanes>>();
        }
        else if (Vector256.IsHardwareAccelerated && Fma.IsSupported)
        {
            operation.Run<Avx2Lanes, Pointer<Avx2Lanes>>();
        }
        else
        {
            operation.Run<PortableLanes, Pointer<PortableLanes>>();
        }
    }

    /// <summary>The same in C# that ILGPU compiles for every backend.</summary>
    /// <typeparam name="TOperation">The operation.</typeparam>
    /// <param name="operation">The operation and its operands.</param>
    public static void RunPortable<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => operation.Run<PortableLanes, ViewMemory>();

    /// <summary>Puts the portable form in place for OpenCL and CUDA. Call it before the context is created.</summary>
    /// <param name="builder">The builder of the context.</param>
    public static void RegisterPortableForm(Context.Builder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        var method = typeof(Tile).GetMethod(nameof(Run))!;
        manager.RegisterMethod(method, new CLIntrinsic(typeof(Tile), nameof(RunPortable), IntrinsicImplementationMode.Redirect));
        manager.RegisterMethod(method, new PTXIntrinsic(typeof(Tile), nameof(RunPortable), IntrinsicImplementationMode.Redirect));
    }
}

/// <summary>
/// An operation on a tile: the part of a matrix that one thread works on at a time. It is written once, for any lanes; its fields are
/// its operands. A kernel runs it by <see cref="Tile.Run"/>.
/// </summary>
interface ITileOperation
{
    /// <summary>Runs the operation.</summary>
    /// <typeparam name="TLanes">What is computed with.</typeparam>
    /// <typeparam name="TMemory">How memory is reached.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>;
}
