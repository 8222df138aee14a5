using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// Tile operations: the inner loops that are worth a body of their own on a backend. Each is an ILGPU intrinsic with one meaning and
/// two bodies. On the CPU accelerator, where kernels are .NET methods, the method below runs and calls <see cref="VectorTile"/>. For
/// OpenCL and CUDA the compiler puts the method of the same name in <see cref="PortableTile"/> in its place: read that one first, it is
/// the explanation of the fast one.
/// </summary>
public static class Tile
{
    /// <summary>C = A·B for one tile of the result.</summary>
    /// <param name="a">A [rows, depth], any strides.</param>
    /// <param name="b">B [depth, columns]; contiguous along its columns or along its depth.</param>
    /// <param name="c">C [rows, columns], contiguous along its columns.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="depth">The length of the inner products.</param>
    /// <param name="columns">Columns of the tile.</param>
    [IntrinsicImplementation]
    public static void Multiply(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns) =>
        VectorTile.Multiply(a, b, c, rows, depth, columns);

    /// <summary>Puts the portable bodies in place for OpenCL and CUDA. Call it before the context is created.</summary>
    /// <param name="builder">The builder of the context.</param>
    public static void RegisterPortableBodies(Context.Builder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        foreach (string name in new[] { nameof(Multiply) })
        {
            var method = typeof(Tile).GetMethod(name)!;
            manager.RegisterMethod(method, new CLIntrinsic(typeof(PortableTile), name, IntrinsicImplementationMode.Redirect));
            manager.RegisterMethod(method, new PTXIntrinsic(typeof(PortableTile), name, IntrinsicImplementationMode.Redirect));
        }
    }
}
