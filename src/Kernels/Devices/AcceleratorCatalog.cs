using System.Globalization;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// The accelerators of this machine: which ones can be used, which ones were passed over and why, and which one a name such as
/// <c>auto</c>, <c>cuda</c> or <c>opencl:1</c> means. Owns the ILGPU context.
/// </summary>
sealed class AcceleratorCatalog : IDisposable
{
    /// <summary>The kinds of accelerator that can be asked for by name.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["auto", "cpu", "opencl", "cuda"];

    /// <summary>The environment variable that limits <see cref="DevicesUnderTest"/>.</summary>
    public const string TestVariable = "MAKEMORE_TEST_ACCELERATORS";

    /// <summary>
    /// The CPU accelerator's shape: one simulated multiprocessor with a thread for each core, and two at least, the fewest that ILGPU
    /// allows. With more multiprocessors a launch costs several times as much, more than a small training step can win back.
    /// </summary>
    static CPUDevice OneGroup =>
        new(numThreadsPerWarp: Math.Max(2, Environment.ProcessorCount), numWarpsPerMultiprocessor: 1, numMultiprocessors: 1);

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

    /// <summary>Searches this machine for accelerators. Takes about a tenth of a second.</summary>
    /// <param name="configure">Prepares the context for the kernels that will run on its accelerators.</param>
    /// <param name="processor">The CPU accelerator's shape, for tests that need larger groups; null for the fastest one.</param>
    internal static AcceleratorCatalog Open(Action<Context.Builder> configure, CPUDevice? processor = null)
    {
        NativeLibraries.Install();
        var search = new DeviceSearch();
        var context = Context.Create(builder =>
        {
            configure(builder);
            search.AddDrivers(builder);
            builder.CPU(processor ?? OneGroup);
        });
        return new AcceleratorCatalog(context, search.DevicesOf(context), search.PassedOver);
    }

    /// <summary>The device that a name means.</summary>
    /// <param name="request">
    /// A kind, with an index where there are several: <c>opencl:1</c>. <c>auto</c> means the first of these that exists: a CUDA GPU, an
    /// OpenCL GPU, the CPU accelerator, an OpenCL device on the processor.
    /// </param>
    /// <exception cref="InvalidRequestException">The name is unknown, or there is no such device.</exception>
    public FoundDevice Choose(string request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string[] parts = request.ToLowerInvariant().Split(':');
        int index = 0;
        bool wellFormed = Kinds.Contains(parts[0]) && (parts.Length == 1 || (parts.Length == 2 && parts[0] != "auto"
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)));
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
        return index < ofKind.Length ? ofKind[index] : throw new InvalidRequestException(NotThere(request, parts[0], ofKind));
    }

    /// <summary>
    /// The devices that tests and benchmarks run on: all, or those that the environment variable MAKEMORE_TEST_ACCELERATORS lists,
    /// separated by commas, such as <c>cuda,opencl:1</c>. On a machine with a GPU this leaves the processor out.
    /// </summary>
    /// <exception cref="InvalidRequestException">The variable names a device that does not exist.</exception>
    public IReadOnlyList<FoundDevice> DevicesUnderTest =>
        Environment.GetEnvironmentVariable(TestVariable) is { Length: > 0 } names
            ? [.. names.Split(',', StringSplitOptions.TrimEntries).Select(Choose).Distinct()]
            : Devices;

    /// <summary>Why <c>auto</c> chooses the device that it chooses, in one line.</summary>
    public string AutomaticReason => AutomaticRank(Choose("auto")) switch
    {
        0 => "a CUDA GPU comes first",
        1 => "no CUDA GPU was found; an OpenCL GPU comes next",
        _ => "no GPU was found; the CPU accelerator comes before OpenCL on the processor",
    };

    /// <summary>Starts an accelerator on a device of this catalog. The caller disposes the accelerator, before the catalog.</summary>
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
            throw new InvalidRequestException(
                $"accelerator {device.Name} ({device.Description}) could not be started: {DriverFault.Explain(fault)}", fault);
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

    string NotThere(string request, string kind, FoundDevice[] ofKind)
    {
        if (ofKind.Length > 0)
        {
            return $"accelerator {request} is not there: this machine has {Names(ofKind)}";
        }
        string[] reasons = [.. PassedOver
            .Where(device => device.Description.StartsWith(kind, StringComparison.OrdinalIgnoreCase))
            .Select(device => $"{device.Description}: {device.Reason}")];
        string reason = reasons.Length == 0 ? "no device was found" : string.Join("; ", reasons);
        return $"accelerator {request} is not there ({reason}); this machine has {Names(Devices)}";
    }

    static string Names(IEnumerable<FoundDevice> devices) => string.Join(", ", devices.Select(device => device.Name));
}
