using System.CommandLine;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Every accelerator with its limits, which is chosen and why, and what was passed over.</summary>
static class DevicesCommand
{
    public static Command Create() =>
        new("devices", "every accelerator, its limits, which is chosen and why; each one passed over, with the reason");

    public static int Run(ParseResult parsed, Session session)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        FoundDevice chosen = catalog.Choose("auto");

        Table table = new Table().Border(TableBorder.Simple)
            .AddColumns("accelerator", "device", "memory", "multiprocessors", "threads/group", "warp", "shared memory/group");
        foreach (FoundDevice found in catalog.Devices)
        {
            Device device = found.Device;
            table.AddRow(Array.ConvertAll(
                [
                    found == chosen ? $"{found.Name} (auto)" : found.Name,
                    found.Description,
                    MemorySize(device) is { } memory ? Format.Bytes(memory) : "the process's",
                    Format.Count(device.NumMultiprocessors),
                    Format.Count(device.MaxNumThreadsPerGroup),
                    WarpSize(device) is { } warp ? Format.Count(warp) : "unknown",
                    device is { AcceleratorType: AcceleratorType.CPU } ? "the process's" : Format.Bytes(device.MaxSharedMemoryPerGroup),
                ],
                Markup.Escape));
        }
        session.Tables.Write(table);
        session.Text.WriteLine($"auto takes {chosen.Name}: {catalog.AutomaticReason}");
        foreach (PassedOverDevice device in catalog.PassedOver)
        {
            session.Text.WriteLine($"passed over: {device.Description}: {device.Reason}");
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
            Reason = catalog.AutomaticReason,
            catalog.PassedOver,
        });
        return 0;
    }

    // The CPU accelerator reports the largest number of the type.
    static long? MemorySize(Device device) => device.MemorySize == long.MaxValue ? null : device.MemorySize;

    // ILGPU reports 0 for OpenCL devices other than NVIDIA's and AMD's, which do not tell.
    static int? WarpSize(Device device) => device.WarpSize > 0 ? device.WarpSize : null;
}
