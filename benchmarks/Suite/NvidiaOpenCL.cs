using System.Text.Json;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>Finds NVIDIA's OpenCL, also where its library is there but nothing tells OpenCL's loader of it, as in many containers.</summary>
static class NvidiaOpenCL
{
    /// <summary>Finds an accelerator that the kernels can run on.</summary>
    /// <param name="bundle">The programs.</param>
    /// <param name="limit">How long each look at the machine may take.</param>
    /// <param name="log">Where to write what was found.</param>
    /// <returns>Its name, and the programs that know it by that name; null where there is none.</returns>
    public static (Bundle Bundle, string Accelerator)? Find(Bundle bundle, TimeSpan limit, Log log)
    {
        string vendors = Directory.CreateDirectory(Path.Combine(bundle.Temporary, "vendors")).FullName;
        File.WriteAllText(Path.Combine(vendors, "nvidia.icd"), "libnvidia-opencl.so.1\n");
        // A process reads its loader's folder once: to look elsewhere takes another one.
        foreach (Bundle programs in new[] { bundle, bundle with { OpenCLVendors = vendors } })
        {
            Ended devices = Child.Run(programs.Start("makemore", ["devices", "--json"]), limit, log);
            if (devices.Succeeded && Accelerator(devices.Output) is { } name)
            {
                return (programs, name);
            }
        }
        return null;
    }

    static string? Accelerator(string devices) => JsonDocument.Parse(devices).RootElement.GetProperty("devices").EnumerateArray()
        .Where(device => device.GetProperty("kind").GetString() == "opencl")
        .Where(device => device.GetProperty("description").GetString()!.Contains("NVIDIA", StringComparison.Ordinal))
        .Select(device => device.GetProperty("name").GetString())
        .FirstOrDefault();
}
