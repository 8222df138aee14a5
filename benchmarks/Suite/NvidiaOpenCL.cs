using System.Text.Json;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>
/// Finds NVIDIA's OpenCL, also where its library is there but nothing tells OpenCL's loader of it, as in many containers.
/// </summary>
static class NvidiaOpenCL
{
    /// <summary>Finds an accelerator that the kernels can run on.</summary>
    /// <param name="bundle">The programs.</param>
    /// <param name="limit">How long a look at the machine may take.</param>
    /// <param name="log">Where to write what was found.</param>
    /// <param name="reason">Why there is none.</param>
    /// <returns>Its name, and the programs that know it by that name; null where there is none.</returns>
    public static (Bundle Bundle, string Accelerator)? Find(Bundle bundle, TimeSpan limit, Log log, out string reason)
    {
        string vendors = Directory.CreateDirectory(Path.Combine(bundle.Temporary, "vendors")).FullName;
        File.WriteAllText(Path.Combine(vendors, "nvidia.icd"), "libnvidia-opencl.so.1\n");
        // A process reads its loader's folder once: to look elsewhere takes another one.
        Bundle programs = bundle with { OpenCLVendors = vendors };
        Ended devices = Child.Run(programs.Start("makemore", ["devices", "--json"]), limit, log);
        reason = devices.Succeeded ? "no device of NVIDIA's OpenCL was found" : devices.LastWords;
        if (!devices.Succeeded)
        {
            return null;
        }
        JsonElement found = JsonDocument.Parse(devices.Output).RootElement;
        foreach (JsonElement unusable in OfOpenCL(found.GetProperty("passed_over")))
        {
            reason = $"{unusable.GetProperty("description").GetString()}: {unusable.GetProperty("reason").GetString()}";
        }
        // A loader that looks nowhere else than it always does finds other drivers.
        string? name = OfOpenCL(found.GetProperty("devices"))
            .Where(device => device.GetProperty("description").GetString()!.Contains("NVIDIA", StringComparison.Ordinal))
            .Select(device => device.GetProperty("name").GetString())
            .FirstOrDefault();
        return name is null ? null : (programs, name);
    }

    static IEnumerable<JsonElement> OfOpenCL(JsonElement devices) =>
        devices.EnumerateArray()
            .Where(device => device.GetProperty("description").GetString()!.StartsWith("OpenCL", StringComparison.Ordinal));
}
