using System.Reflection;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>A kernel as ILGPU compiled it for an architecture, and how it was launched.</summary>
/// <param name="Method">The method that it was compiled from.</param>
/// <param name="Device">The device that it was compiled for.</param>
/// <param name="Ptx">Its module.</param>
/// <param name="EntryName">Its name in the module.</param>
/// <param name="Launches">Its launches.</param>
sealed record CompiledKernel(MethodInfo Method, StandInDevice Device, string Ptx, string EntryName, IReadOnlyList<DriverCall> Launches)
{
    static readonly FieldInfo Children = typeof(Accelerator).GetField("childObjects", BindingFlags.Instance | BindingFlags.NonPublic)!;

    static readonly Dictionary<StandInDevice, IReadOnlyList<CompiledKernel>> Compiled = [];

    /// <summary>The class and the method.</summary>
    public string Name => $"{TypeName(Method.DeclaringType!)}.{Method.Name}{Arguments(Method.GetGenericArguments())}";

    /// <summary>The largest group that it was launched with; 0 where it never was.</summary>
    public int LargestGroup => Launches.Select(launch => launch.GroupSize).DefaultIfEmpty().Max();

    /// <summary>All kernels that the program loads on a device, in the order in which they are loaded.</summary>
    /// <param name="device">The device.</param>
    public static IReadOnlyList<CompiledKernel> For(StandInDevice device)
    {
        if (!Compiled.TryGetValue(device, out IReadOnlyList<CompiledKernel>? kernels))
        {
            kernels = Compile(device, (kernels, found) =>
            {
                new Workload(kernels, found.Device).Run();
                return kernels;
            });
            Compiled.Add(device, kernels);
        }
        return kernels;
    }

    /// <summary>All kernels that some work loads on a device, in the order in which they are loaded.</summary>
    /// <param name="device">The device.</param>
    /// <param name="work">Does it, and returns who holds the kernels: they live as long.</param>
    public static IReadOnlyList<CompiledKernel> Compile(StandInDevice device, Func<KernelSet, FoundDevice, object> work)
    {
        StandInDriver.Show(device);
        StandInDriver.Forget();
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        FoundDevice found = catalog.Choose("cuda");
        using Accelerator accelerator = catalog.Start(found);
        object holder = work(new KernelSet(accelerator), found);
        ILookup<nint, DriverCall> launches = StandInDriver.Calls.Where(call => call.Name == "cuLaunchKernel")
            .ToLookup(call => call.Function);
        // ILGPU knows of each kernel what it was compiled from; the driver would see its name alone.
        var children = (IEnumerable<WeakReference<AcceleratorObject>>)Children.GetValue(accelerator)!;
        CompiledKernel[] compiled =
        [
            .. children
                .Select(child => child.TryGetTarget(out AcceleratorObject? target) ? target as CudaKernel : null)
                .OfType<CudaKernel>()
                .Select(kernel => new CompiledKernel(
                    kernel.CompiledKernel.SourceMethod, device,
                    ((PTXCompiledKernel)kernel.CompiledKernel).PTXAssembly, kernel.CompiledKernel.Name,
                    [.. launches[kernel.FunctionPtr]])),
        ];
        GC.KeepAlive(holder);
        return compiled;
    }

    static string TypeName(Type type)
    {
        string name = type.Name.Split('`')[0];
        return $"{(type.DeclaringType is { } outer ? TypeName(outer) + "." : "")}{name}{Arguments(type.GetGenericArguments())}";
    }

    static string Arguments(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(TypeName))}>";
}
