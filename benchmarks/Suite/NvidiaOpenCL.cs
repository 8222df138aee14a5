using System.Text.Json;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>Finds NVIDIA's OpenCL.</summary>
static class NvidiaOpenCL
{
    /// <summary>Finds an accelerator that the kernels can run on.</summary>
    /// <param name="bundle">The programs.</param>
    /// <param name="limit">How long that may take.</param>
    /// <param name="log">Where to write what was found.</param>
    /// <returns>Its name; null where there is none.</returns>
    public static string? Find(Bundle bundle, TimeSpan limit, Log log)
    {
        Ended devices = Child.Run(bundle.Start("makemore", ["devices", "--json"]), limit, log);
        return devices.Succeeded ? Accelerator(devices.Output) : null;
    }

    static string? Accelerator(string devices) => JsonDocument.Parse(devices).RootElement.GetProperty("devices").EnumerateArray()
        .Where(device => device.GetProperty("kind").GetString() == "opencl")
        .Where(device => device.GetProperty("description").GetString()!.Contains("NVIDIA", StringComparison.Ordinal))
        .Select(device => device.GetProperty("name").GetString())
        .FirstOrDefault();
}
