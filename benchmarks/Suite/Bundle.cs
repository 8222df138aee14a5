using System.Diagnostics;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>The unpacked archive of scripts/bundle, and how its programs are started.</summary>
/// <param name="Names">The lectures' names.txt for the programs; null for none.</param>
/// <param name="Temporary">Where they put what nobody keeps.</param>
sealed record Bundle(string? Names, string Temporary)
{
    static readonly string Programs = AppContext.BaseDirectory;
    static readonly string Root = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Programs))!;

    /// <summary>The lecture's batch with every intermediate and gradient, made by libtorch.</summary>
    public static string GoldenBatch => Path.Combine(Programs, "Golden", "one_batch.safetensors");

    /// <summary>names.txt, where somebody put it into the archive's folder.</summary>
    public static string? OwnNames => Path.Combine(Root, "names.txt") is var path && File.Exists(path) ? path : null;

    /// <summary>The folder in which OpenCL's loader finds the names of drivers; null for that of the machine.</summary>
    public string? OpenCLVendors { get; init; }

    /// <summary>Checks that this program runs from the archive.</summary>
    /// <exception cref="InvalidRequestException">It does not.</exception>
    public static void Check()
    {
        if (!File.Exists(Path.Combine(Programs, "makemore.dll")))
        {
            throw new InvalidRequestException(
                "the suite runs from the archive that scripts/bundle makes: unpack it, and run gpu-suite there");
        }
    }

    /// <summary>A .NET program of the archive.</summary>
    /// <param name="name">Its assembly.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="accelerator">The accelerator that tests and benchmarks are limited to; null for no limit.</param>
    public ProcessStartInfo Start(string name, IEnumerable<string> arguments, string? accelerator = null)
    {
        ProcessStartInfo start = StartNative(Environment.ProcessPath!, [Path.Combine(Programs, name + ".dll"), .. arguments]);
        start.Environment[AcceleratorCatalog.TestVariable] = accelerator;
        start.Environment["MAKEMORE_NAMES"] = Names;
        if (OpenCLVendors is not null)
        {
            // Khronos' loader put no slash of its own before 2020.
            start.Environment["OCL_ICD_VENDORS"] = OpenCLVendors + "/";
        }
        start.Environment["TESTINGPLATFORM_TELEMETRY_OPTOUT"] = "1";
        return start;
    }

    /// <summary>The measurements of PyTorch.</summary>
    /// <param name="python">The Python.</param>
    /// <param name="arguments">The arguments.</param>
    public ProcessStartInfo StartTorch(string python, params string[] arguments) =>
        StartNative(python, [Path.Combine(Root, "pytorch", "measure.py"), .. arguments]);

    /// <summary>A program of the machine.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public ProcessStartInfo StartNative(string path, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = Temporary;
        return start;
    }
}
