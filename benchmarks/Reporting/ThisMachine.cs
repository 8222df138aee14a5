using System.Runtime.InteropServices;
using BenchmarkDotNet.Environments;
using Makemore.Gpu.Kernels.Devices;
using Perfolizer.Helpers;
using Perfolizer.Models;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The machine and the software that results are measured with.</summary>
static class ThisMachine
{
    /// <summary>The processor, how many cores, and the GPUs.</summary>
    public static string Name
    {
        get
        {
            CpuInfo processor = HostEnvironmentInfo.GetCurrent().Cpu.Value;
            string name = processor.ToShortBrandName()
                .Replace(" Processor", "", StringComparison.Ordinal).Replace(" CPU", "", StringComparison.Ordinal);
            int cores = Math.Min(processor.PhysicalCoreCount ?? int.MaxValue, Environment.ProcessorCount);
            IEnumerable<string> gpus = Accelerators.Devices
                .Where(device => !LaunchShape.IsProcessor(device.Device)).Select(device => device.Device.Name).Distinct();
            return string.Join(", ", gpus.Prepend($"{name}, {cores} cores"));
        }
    }

    /// <summary>The operating system.</summary>
    public static string OperatingSystem => RuntimeInformation.OSDescription;

    /// <summary>The version of .NET.</summary>
    public static string Runtime => RuntimeInformation.FrameworkDescription;

    /// <summary>The version of ILGPU.</summary>
    public static string Ilgpu => typeof(ILGPU.Context).Assembly.GetName().Version!.ToString(3);

    /// <summary>The day.</summary>
    public static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);
}
