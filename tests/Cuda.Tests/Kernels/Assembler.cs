using System.Diagnostics;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>What NVIDIA's assembler says of a kernel.</summary>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="SharedBytes">Static shared memory of a group.</param>
/// <param name="LocalBytes">Local memory of a thread: arrays, and registers that were spilled.</param>
/// <param name="SpilledBytes">Bytes of instructions that spill registers to local memory and back.</param>
/// <param name="Instructions">Instructions of the machine, with those that fill up the end.</param>
sealed record KernelFigures(int Registers, int SharedBytes, int LocalBytes, int SpilledBytes, int Instructions);

/// <summary>NVIDIA's assembler, ptxas: on the path, or where scripts/cuda-tools puts it.</summary>
static partial class Assembler
{
    const string Tool = "ptxas";
    const string DisassemblingTool = "nvdisasm";

    static readonly Lazy<string?> Found = new(() => Find(Tool));
    static readonly Lazy<string?> FoundDisassembler = new(() => Find(DisassemblingTool));

    static readonly SemaphoreSlim Processors = new(Environment.ProcessorCount);

    /// <summary>The version, such as V12.4.131.</summary>
    public static string Version => VersionLine().Match(Run(Found, ["--version"])).Groups[1].Value;

    /// <summary>Skips the test where there is no assembler.</summary>
    public static void Require()
    {
        if (Found.Value is null)
        {
            Assert.Ignore($"{Tool} was not found: run scripts/cuda-tools, which brings it without installing CUDA");
        }
    }

    /// <summary>Skips the test where there is no assembler, or no disassembler beside it.</summary>
    public static void RequireDisassembler()
    {
        Require();
        if (FoundDisassembler.Value is null)
        {
            Assert.Ignore($"{DisassemblingTool} was not found: run scripts/cuda-tools, which brings it without installing CUDA");
        }
    }

    /// <summary>Whether there is one.</summary>
    public static bool IsFound => Found.Value is not null;

    /// <summary>Assembles a module with one kernel.</summary>
    /// <param name="ptx">The module.</param>
    /// <param name="architecture">The architecture, such as sm_90.</param>
    /// <exception cref="InvalidOperationException">It does not assemble; the message says why.</exception>
    public static async Task<KernelFigures> Assemble(string ptx, string architecture)
    {
        await Processors.WaitAsync();
        string folder = Directory.CreateTempSubdirectory("makemore-ptx-").FullName;
        try
        {
            string source = Path.Combine(folder, "kernel.ptx"), target = Path.Combine(folder, "kernel.cubin");
            await File.WriteAllTextAsync(source, ptx);
            string said = await Task.Run(() => Run(Found, ["-v", $"-arch={architecture}", source, "-o", target]));
            return new KernelFigures(
                Registers: Sum(RegistersUsed(), said),
                SharedBytes: Sum(SharedUsed(), said),
                LocalBytes: Sum(StackFrame(), said),
                SpilledBytes: Sum(Spills(), said),
                Instructions: Cubin.CodeBytes(await File.ReadAllBytesAsync(target)) / Cubin.InstructionBytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            Processors.Release();
        }
    }

    /// <summary>Assembles a module with one kernel and disassembles it again.</summary>
    /// <param name="ptx">The module.</param>
    /// <param name="architecture">The architecture, such as sm_90.</param>
    /// <returns>The machine's instructions, with the labels of branches.</returns>
    public static string Disassemble(string ptx, string architecture)
    {
        string folder = Directory.CreateTempSubdirectory("makemore-ptx-").FullName;
        try
        {
            string source = Path.Combine(folder, "kernel.ptx"), target = Path.Combine(folder, "kernel.cubin");
            File.WriteAllText(source, ptx);
            Run(Found, [$"-arch={architecture}", source, "-o", target]);
            return Run(FoundDisassembler, ["-c", target]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Run(Lazy<string?> tool, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(tool.Value!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string all = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0 ? all : throw new InvalidOperationException(all);
    }

    // A kernel may call functions, each with a line of its own.
    static int Sum(Regex figure, string said) =>
        figure.Matches(said)
            .SelectMany(match => match.Groups.Values.Skip(1))
            .Sum(number => int.Parse(number.ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

    static string? Find(string tool)
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string tools = Environment.GetEnvironmentVariable("CUDA_TOOLS") ?? Path.Combine(cache, "makemore", "cuda-tools");
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator).Append(tools).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
    }

    [GeneratedRegex(@"\b(V\d+\.\d+\.\d+)")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex RegistersUsed();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex SharedUsed();

    [GeneratedRegex(@"(\d+) bytes stack frame")]
    private static partial Regex StackFrame();

    [GeneratedRegex(@"(\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Spills();
}
