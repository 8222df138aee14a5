using System.Globalization;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Every accelerator of this machine: what can be used, what was passed over and why, and which one is meant by a name such as
/// <c>auto</c>, <c>cuda</c> or <c>opencl:1</c>. Owns the ILGPU context.
/// </summary>
public sealed class AcceleratorCatalog : IDisposable
{
    /// <summary>The kinds of accelerator that can be asked for by name.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["auto", "cpu", "opencl", "cuda"];

    /// <summary>The environment variable that limits <see cref="DevicesUnderTest"/>.</summary>
    public const string TestVariable = "MAKEMORE_TEST_ACCELERATORS";

    /// <summary>
    /// The CPU accelerator's shape: one simulated multiprocessor, and warps of the fewest threads that ILGPU allows, of which kernels
    /// use one. Further multiprocessors make each launch several times as dear, which a small step cannot win back.
    /// </summary>
    static CPUDevice PlainProcessor => new(numThreadsPerWarp: 2, numWarpsPerMultiprocessor: 1, numMultiprocessors: 1);

    readonly Context context;

    AcceleratorCatalog(Context context, IReadOnlyList<FoundDevice> devices, IReadOnlyList<PassedOverDevice> passedOver)
    {
        this.context = context;
        Devices = devices;
        PassedOver = passedOver;
    }

    /// <summary>The devices that can be used: CUDA first, then OpenCL, then the CPU accelerator, each kind in its driver's order.</summary>
    public IReadOnlyList<FoundDevice> Devices { get; }

    /// <summary>What was looked for or found but cannot be used, with the reason.</summary>
    public IReadOnlyList<PassedOverDevice> PassedOver { get; }

    /// <summary>Looks at the machine. Takes about a tenth of a second.</summary>
    /// <param name="configure">Prepares the context for the kernels that will run on its accelerators.</param>
    /// <param name="processor">The CPU accelerator's shape, for tests that want larger groups; null for the fast one.</param>
    internal static AcceleratorCatalog Open(Action<Context.Builder> configure, CPUDevice? processor = null)
    {
        NativeLibraries.Install();
        var passedOver = new List<PassedOverDevice>();
        var context = Context.Create(builder =>
        {
            configure(builder);
            if (Present(NativeLibraries.Cuda, "CUDA", "install NVIDIA's driver", passedOver))
            {
                AddCuda(builder, passedOver);
            }
            if (Present(NativeLibraries.OpenCL, "OpenCL", "install an OpenCL loader, such as Debian's ocl-icd-libopencl1", passedOver))
            {
                builder.OpenCL(device => Accept(device, UnusableReason(device), passedOver));
            }
            builder.CPU(processor ?? PlainProcessor);
        });
        var devices = new List<FoundDevice>();
        devices.AddRange(Named("cuda", context.Devices.OfType<CudaDevice>()));
        devices.AddRange(Named("opencl", context.Devices.OfType<CLDevice>()));
        devices.AddRange(Named("cpu", context.Devices.OfType<CPUDevice>()));
        NoteEmptyDrivers(devices, passedOver);
        return new AcceleratorCatalog(context, devices, passedOver);
    }

    /// <summary>The device that a name means.</summary>
    /// <param name="request">
    /// A kind, with an index where there are several: <c>opencl:1</c>. <c>auto</c> means CUDA, then an OpenCL GPU, then the CPU
    /// accelerator, then an OpenCL device on the processor: the same rule each time.
    /// </param>
    /// <exception cref="InvalidRequestException">The name is unknown, or there is no such device.</exception>
    public FoundDevice Choose(string request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string[] parts = request.ToLowerInvariant().Split(':');
        int index = 0;
        bool wellFormed = Kinds.Contains(parts[0]) && (parts.Length == 1
            || (parts.Length == 2 && parts[0] != "auto" && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)));
        if (!wellFormed)
        {
            throw new InvalidRequestException(
                $"unknown accelerator '{request}': use {string.Join(", ", Kinds)}, or one of several by number, such as opencl:1");
        }
        if (parts[0] == "auto")
        {
            return Devices.OrderBy(AutomaticRank).First();
        }
        FoundDevice[] ofKind = [.. Devices.Where(device => device.Kind == parts[0])];
        return index < ofKind.Length ? ofKind[index] : throw new InvalidRequestException(NotThere(request, parts[0], ofKind.Length));
    }

    /// <summary>
    /// The devices that tests and benchmarks run on: all, or those that the environment variable MAKEMORE_TEST_ACCELERATORS names, with commas
    /// between them, such as <c>cuda,opencl:1</c>. On a machine with a GPU this leaves the processor out.
    /// </summary>
    /// <exception cref="InvalidRequestException">The variable names a device that is not there.</exception>
    public IReadOnlyList<FoundDevice> DevicesUnderTest =>
        Environment.GetEnvironmentVariable(TestVariable) is { Length: > 0 } names
            ? [.. names.Split(',', StringSplitOptions.TrimEntries).Select(Choose).Distinct()]
            : Devices;

    /// <summary>Why <c>auto</c> takes the device that it takes, in one line.</summary>
    public string AutomaticReason => AutomaticRank(Choose("auto")) switch
    {
        0 => "a CUDA GPU comes first",
        1 => "no CUDA GPU was found; an OpenCL GPU comes next",
        _ => "no GPU was found; the CPU accelerator comes before OpenCL on the processor",
    };

    /// <summary>Starts an accelerator on a device of this catalog. The caller disposes it, before the catalog.</summary>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidRequestException">The driver refuses to start the device.</exception>
    public Accelerator Start(FoundDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        try
        {
            return device.Device.CreateAccelerator(context);
        }
        catch (AcceleratorException fault)
        {
            throw new InvalidRequestException($"accelerator {device.Name} ({device.Description}) could not be started: {DriverFault.Explain(fault)}", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => context.Dispose();

    static int AutomaticRank(FoundDevice device) => (device.Kind, LaunchShape.IsProcessor(device.Device)) switch
    {
        ("cuda", _) => 0,
        ("opencl", false) => 1,
        ("cpu", _) => 2,
        _ => 3,
    };

    static IEnumerable<FoundDevice> Named(string kind, IEnumerable<Device> devices) =>
        devices.Select((device, index) => new FoundDevice($"{kind}:{index}", kind, device));

    static bool Present(string library, string kind, string mend, List<PassedOverDevice> passedOver)
    {
        if (NativeLibraries.IsPresent(library))
        {
            return true;
        }
        string file = NativeLibraries.FileName(library) ?? library;
        passedOver.Add(new PassedOverDevice(kind, $"{file} was not found: {mend}"));
        return false;
    }

    static void AddCuda(Context.Builder builder, List<PassedOverDevice> passedOver)
    {
        if (CudaDriver.Start(out int count) is { } fault)
        {
            passedOver.Add(new PassedOverDevice("CUDA", fault));
            return;
        }
        int seen = 0;
        builder.Cuda(device =>
        {
            seen++;
            return Accept(device, UnusableReason(device), passedOver);
        });
        // ILGPU leaves out a device that does not answer all its questions, and all those after it.
        if (seen < count)
        {
            passedOver.Add(new PassedOverDevice("CUDA", $"{count - seen} of {count} GPUs do not answer: see whether nvidia-smi lists them, and restart the machine where it does not"));
        }
    }

    static bool Accept(Device device, string? unusableReason, List<PassedOverDevice> passedOver)
    {
        if (unusableReason is not null)
        {
            passedOver.Add(new PassedOverDevice(FoundDevice.Describe(device), unusableReason));
        }
        return unusableReason is null;
    }

    static string? UnusableReason(CudaDevice device) => device switch
    {
        { Architecture: { } architecture } when architecture < CudaArchitecture.SM_70 =>
            $"its compute capability {architecture.Major}.{architecture.Minor} is below 7.0, which the kernels need: use OpenCL or the CPU",
        { InstructionSet: null } => $"its driver (CUDA {device.DriverVersion}) is too old for ILGPU: update NVIDIA's driver",
        _ => null,
    };

    static string? UnusableReason(CLDevice device)
    {
        if (device.CLStdVersion < CLBackend.MinimumVersion)
        {
            return $"it compiles {device.CVersion}, and ILGPU needs OpenCL C 2.0: update its driver";
        }
        return device.Capabilities.GenericAddressSpace ? null : "it has no generic address space, which ILGPU needs: update its driver, or use CUDA on an NVIDIA GPU, whose OpenCL has none";
    }

    // A driver library without a device is common (containers, a loader without an installable driver) and otherwise silent.
    static void NoteEmptyDrivers(List<FoundDevice> devices, List<PassedOverDevice> passedOver)
    {
        foreach ((string library, string kind) in new[] { (NativeLibraries.Cuda, "CUDA"), (NativeLibraries.OpenCL, "OpenCL") })
        {
            bool seen = devices.Exists(device => device.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase))
                || passedOver.Exists(device => device.Description.StartsWith(kind, StringComparison.Ordinal));
            if (!seen)
            {
                passedOver.Add(new PassedOverDevice(kind, $"{NativeLibraries.FileName(library) ?? library} was loaded but lists no device"));
            }
        }
    }

    string NotThere(string request, string kind, int found)
    {
        if (found > 0)
        {
            return $"accelerator {request} is not there: this machine has {string.Join(", ", Devices.Where(device => device.Kind == kind).Select(device => device.Name))}";
        }
        PassedOverDevice[] reasons = [.. PassedOver.Where(device => device.Description.StartsWith(kind, StringComparison.OrdinalIgnoreCase))];
        string reason = reasons.Length == 0 ? "no device was found" : string.Join("; ", reasons.Select(device => $"{device.Description}: {device.Reason}"));
        return $"accelerator {request} is not there ({reason}); this machine has {string.Join(", ", Devices.Select(device => device.Name))}";
    }
}
