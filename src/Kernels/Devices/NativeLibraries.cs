using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Finds the native libraries that ILGPU imports. On Linux it asks for <c>libOpenCL.so</c> and <c>libcuda.so</c>, names that come with
/// development packages; what a driver installs is <c>libOpenCL.so.1</c> and <c>libcuda.so.1</c>. ILGPU takes the failure for "no
/// devices", without a word.
/// </summary>
/// <remarks>
/// The event of the load context is asked only after the usual search has failed, and takes any number of handlers. A resolver on
/// ILGPU's assembly would collide with the one that ILGPU itself installs under WSL: an assembly may have only one.
/// </remarks>
static class NativeLibraries
{
    /// <summary>The name under which ILGPU imports the OpenCL loader.</summary>
    public const string OpenCL = "OpenCL";

    /// <summary>The name under which ILGPU imports the CUDA driver on Linux.</summary>
    public const string Cuda = "cuda";

    static readonly Lazy<bool> Installed = new(() =>
    {
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => LoadByFileName(name);
        return true;
    });

    /// <summary>The file that a driver installs for a library.</summary>
    /// <param name="name"><see cref="OpenCL"/> or <see cref="Cuda"/>.</param>
    /// <returns>The file name on this operating system, or null for a library that is none of ILGPU's.</returns>
    public static string? FileName(string name) => name switch
    {
        OpenCL when OperatingSystem.IsLinux() => "libOpenCL.so.1",
        OpenCL when OperatingSystem.IsWindows() => "OpenCL.dll",
        Cuda when OperatingSystem.IsLinux() => "libcuda.so.1",
        Cuda when OperatingSystem.IsWindows() => "nvcuda.dll",
        _ => null,
    };

    /// <summary>Makes the libraries loadable by the names that ILGPU uses. Does nothing the second time.</summary>
    public static void Install() => _ = Installed.Value;

    /// <summary>Tells whether a library can be loaded on this machine.</summary>
    /// <param name="name"><see cref="OpenCL"/> or <see cref="Cuda"/>.</param>
    public static bool IsPresent(string name)
    {
        if (LoadByFileName(name) == IntPtr.Zero)
        {
            return NativeLibrary.TryLoad(name, typeof(ILGPU.Context).Assembly, null, out _);
        }
        return true;
    }

    static IntPtr LoadByFileName(string name) =>
        FileName(name) is { } file && NativeLibrary.TryLoad(file, out IntPtr handle) ? handle : IntPtr.Zero;
}
