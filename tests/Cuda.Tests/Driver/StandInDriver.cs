using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Driver;

/// <summary>
/// The stand-in driver: built from the C files of this folder, and loaded as libcuda.so.1 before anybody looks for one. What it does is
/// told in standin.h.
/// </summary>
static unsafe class StandInDriver
{
    /// <summary>The name by which the driver is looked for, and found where a library of that name is loaded already.</summary>
    public const string FileName = "libcuda.so.1";

    static readonly string[] Options =
    [
        "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread",
        $"-Wl,-soname,{FileName}",
    ];

    static readonly Lazy<Library?> Loaded = new(Load);

    /// <summary>The folder of the built library, for processes of their own.</summary>
    public static string Folder => Loaded.Value!.Folder;

    /// <summary>The calls since <see cref="Forget"/>, of all threads, in their order.</summary>
    public static IReadOnlyList<DriverCall> Calls
    {
        get
        {
            var calls = new DriverCall[CallCount];
            var read = (delegate* unmanaged<nuint, NativeCall*>)Export("standin_call");
            for (int i = 0; i < calls.Length; i++)
            {
                calls[i] = DriverCall.Read(read((nuint)i));
            }
            return calls;
        }
    }

    /// <summary>How many calls that are.</summary>
    public static int CallCount => (int)Function<nuint>("standin_calls")();

    /// <summary>The text of every module that was loaded in this process.</summary>
    public static IReadOnlyList<string> Modules
    {
        get
        {
            var read = (delegate* unmanaged<nuint, nint>)Export("standin_module");
            int count = (int)Function<nuint>("standin_modules")();
            return [.. Enumerable.Range(0, count).Select(index => Marshal.PtrToStringUTF8(read((nuint)index))!)];
        }
    }

    /// <summary>Memory of the device that is allocated now.</summary>
    public static long UsedBytes => (long)Function<ulong>("standin_used_bytes")();

    /// <summary>Loads the driver, or skips the test where nothing compiles it.</summary>
    public static void Require()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("the stand-in driver is a library for Linux");
        }
        if (Loaded.Value is null)
        {
            Assert.Ignore("no C compiler (cc) was found to build the stand-in driver with");
        }
    }

    /// <summary>Shows another device, to catalogs that are opened from now on.</summary>
    /// <param name="device">The device.</param>
    public static void Show(StandInDevice device)
    {
        NativeDevice native = device.ToNative();
        ((delegate* unmanaged<NativeDevice*, void>)Export("standin_show"))(&native);
    }

    /// <summary>Forgets the calls so far.</summary>
    public static void Forget() => ((delegate* unmanaged<void>)Export("standin_forget"))();

    /// <summary>Makes a function of the driver fail.</summary>
    /// <param name="function">The function.</param>
    /// <param name="nth">At which call from now on, counted from 1.</param>
    /// <param name="error">The error that it returns.</param>
    /// <param name="isSticky">Whether every later call of any function fails likewise, as with a device that was lost.</param>
    public static void Fail(string function, int nth, int error, bool isSticky = false)
    {
        nint name = Marshal.StringToCoTaskMemUTF8(function);
        ((delegate* unmanaged<nint, int, int, int, void>)Export("standin_fail"))(name, nth, error, isSticky ? 1 : 0);
        Marshal.FreeCoTaskMem(name);
    }

    /// <summary>Takes away a fault that was asked for.</summary>
    public static void Mend() => Fail("", 1, 0);

    /// <summary>Deletes the built library. It stays loaded.</summary>
    public static void DeleteFiles()
    {
        if (Loaded is { IsValueCreated: true, Value: { } library })
        {
            Directory.Delete(library.Folder, recursive: true);
        }
    }

    static delegate* unmanaged<T> Function<T>(string name) => (delegate* unmanaged<T>)Export(name);

    static nint Export(string name) => NativeLibrary.GetExport(Loaded.Value!.Handle, name);

    static Library? Load()
    {
        string folder = Directory.CreateTempSubdirectory("makemore-driver-").FullName;
        string[] sources = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Driver"), "*.c");
        string path = Path.Combine(folder, FileName);
        try
        {
            using Process compiler =
                Process.Start(new ProcessStartInfo("cc", [.. Options, "-o", path, .. sources]) { RedirectStandardError = true })!;
            string diagnostics = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.That(compiler.ExitCode, Is.Zero, diagnostics);
        }
        catch (Win32Exception)
        {
            Directory.Delete(folder);
            return null;
        }
        return new Library(folder, NativeLibrary.Load(path));
    }

    sealed record Library(string Folder, nint Handle);
}
