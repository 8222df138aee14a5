using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Methods with two forms. Marked <see cref="IntrinsicImplementationAttribute"/>, a method is not read by ILGPU: on the CPU accelerator,
/// where kernels are .NET methods, it runs as it is, and may do what no GPU can. Elsewhere another method is called instead.
/// </summary>
static class Intrinsics
{
    /// <summary>How to look for methods of one's own.</summary>
    public const BindingFlags Own = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Registers the portable form of a method for OpenCL and CUDA.</summary>
    /// <param name="builder">The builder of a context, before it is created.</param>
    /// <param name="method">The method.</param>
    /// <param name="type">Where the portable form is.</param>
    /// <param name="portable">Its name.</param>
    public static void Register(Context.Builder builder, MethodInfo method, Type type, string portable)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IntrinsicImplementationManager manager = builder.GetIntrinsicManager();
        manager.RegisterMethod(method, new CLIntrinsic(type, portable, IntrinsicImplementationMode.Redirect));
        manager.RegisterMethod(method, new PTXIntrinsic(type, portable, IntrinsicImplementationMode.Redirect));
    }
}
