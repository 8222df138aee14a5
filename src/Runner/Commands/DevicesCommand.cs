using System.CommandLine;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The processor, and every accelerator with its limits, which is chosen and why, and what was passed over.</summary>
static class DevicesCommand
{
    public static Command Create() =>
        new(
            "devices", "the processor, and every accelerator, its limits, which is chosen and why; each one passed over, with the reason");

    public static int Run(ParseResult parsed, Session session)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        FoundDevice chosen = catalog.Choose("auto");

        Processor processor = Processor.Current;
        int mostThreads = catalog.Devices.Where(found => found.Device.AcceleratorType == AcceleratorType.CPU)
            .Max(found => found.Device.MaxNumThreadsPerGroup);

        ConsolePage.Write(session, new Grid(
            ["accelerator", "device", "memory", "multiprocessors", "threads/group", "warp", "shared memory/group"],
            [.. catalog.Devices.Select(found => Row(found, found == chosen))])
        {
            Words = ["device"],
        });
        session.Fact("processor", $"{processor.Name}, {Cores(processor)}");
        session.Fact("vectors", $"{processor.Vectors}, {processor.Lanes} values at once");
        session.Fact("--threads", $"1 to {Format.Count(mostThreads)} on the CPU accelerator, or auto");
        int width = session.Tables.Profile.Width;
        IEnumerable<string> reasons = catalog.PassedOver.Select(device => $"passed over: {device.Description}: {device.Reason}")
            .Prepend($"auto takes {chosen.Name}: {catalog.AutomaticReason}");
        foreach (string line in reasons.SelectMany(reason => WrappedText.Lines(reason, width)))
        {
            session.Text.WriteLine(line);
        }

        session.Result(new
        {
            Devices = catalog.Devices.Select(found => new
            {
                found.Name,
                found.Kind,
                found.Description,
                Chosen = found == chosen,
                MemoryBytes = MemorySize(found.Device),
                Multiprocessors = found.Device.NumMultiprocessors,
                MaxThreadsPerGroup = found.Device.MaxNumThreadsPerGroup,
                WarpSize = WarpSize(found.Device),
                MaxSharedMemoryPerGroupBytes = found.Device.MaxSharedMemoryPerGroup,
            }),
            Processor = new
            {
                processor.Name,
                processor.Threads,
                processor.Cores,
                processor.Vectors,
                processor.Lanes,
                MaxThreads = mostThreads,
            },
            Reason = catalog.AutomaticReason,
            catalog.PassedOver,
        });
        return 0;
    }

    static string[] Row(FoundDevice found, bool isChosen) =>
    [
        isChosen ? $"{found.Name} (auto)" : found.Name,
        found.Description,
        MemorySize(found.Device) is { } memory ? Format.Bytes(memory) : "the process's",
        Format.Count(found.Device.NumMultiprocessors),
        Format.Count(found.Device.MaxNumThreadsPerGroup),
        WarpSize(found.Device) is { } warp ? Format.Count(warp) : "unknown",
        found.Device.AcceleratorType == AcceleratorType.CPU ? "the process's" : Format.Bytes(found.Device.MaxSharedMemoryPerGroup),
    ];

    // More threads than cores where these run two each.
    static string Cores(Processor processor) => processor.Cores is { } cores && cores < processor.Threads
        ? $"{Format.Counted(cores, "core")} and {Format.Counted(processor.Threads, "thread")} for this program"
        : $"{Format.Counted(processor.Threads, processor.Cores is null ? "thread" : "core")} for this program";

    // The CPU accelerator reports the largest number of the type.
    static long? MemorySize(Device device) => device.MemorySize == long.MaxValue ? null : device.MemorySize;

    // ILGPU reports 0 for OpenCL devices other than NVIDIA's and AMD's, which do not tell.
    static int? WarpSize(Device device) => device.WarpSize > 0 ? device.WarpSize : null;
}
