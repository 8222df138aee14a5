using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Finds the driver libraries that ILGPU imports. On Linux ILGPU asks for <c>libOpenCL.so</c> and <c>libcuda.so</c>, which only
/// development packages install; drivers install <c>libOpenCL.so.1</c> and <c>libcuda.so.1</c>. ILGPU reports the failure to load as
/// "no devices".
/// </summary>
/// <remarks>
/// The runtime raises ResolvingUnmanagedDll only after its usual search has failed, and the event takes any number of handlers. A
/// DllImportResolver on ILGPU's assembly would collide with the one that ILGPU sets under WSL: an assembly may have only one.
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

    /// <summary>The file that drivers install for <see cref="OpenCL"/> or <see cref="Cuda"/>; null for any other library.</summary>
    public static string? FileName(string name) => name switch
    {
        OpenCL when OperatingSystem.IsLinux() => "libOpenCL.so.1",
        OpenCL when OperatingSystem.IsWindows() => "OpenCL.dll",
        Cuda when OperatingSystem.IsLinux() => "libcuda.so.1",
        Cuda when OperatingSystem.IsWindows() => "nvcuda.dll",
        _ => null,
    };

    /// <summary>Makes the libraries loadable by the names that ILGPU uses. A second call does nothing.</summary>
    public static void Install() => _ = Installed.Value;

    /// <summary>Whether <see cref="OpenCL"/> or <see cref="Cuda"/> can be loaded on this machine.</summary>
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
