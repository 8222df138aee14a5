using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>The processor that the program runs on.</summary>
/// <param name="Name">Its name, as it tells it itself; its architecture where it does not.</param>
/// <param name="Threads">
/// The threads that the program may run at once: the processor's, less what its affinity and the limits of its container leave out.
/// </param>
/// <param name="Cores">The cores to which these belong; null where the system does not tell.</param>
/// <param name="Vectors">The vectors of the CPU accelerator's kernels: avx512, avx2 or portable.</param>
/// <param name="Lanes">The values of such a vector.</param>
sealed record Processor(string Name, int Threads, int? Cores, string Vectors, int Lanes)
{
    const string Status = "/proc/self/status";
    const string AllowedKey = "Cpus_allowed_list:";

    // The functions of CPUID that hold the name, in pieces of 16 characters; before them the number of the last function that there is.
    const int LastFunction = unchecked((int)0x80000000);
    const int FirstNameFunction = unchecked((int)0x80000002);
    const int NameFunctions = 3;

    /// <summary>This one.</summary>
    public static Processor Current { get; } = new(
        NameByCpuId() ?? NameByLinux() ?? $"{RuntimeInformation.ProcessArchitecture} processor", Environment.ProcessorCount, CoresByLinux(),
        Tile.ProcessorLanes, Tile.ProcessorLaneCount);

    static string? NameByCpuId()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(LastFunction, 0).Eax < unchecked((uint)(FirstNameFunction + NameFunctions - 1)))
        {
            return null;
        }
        var name = new byte[NameFunctions * 4 * sizeof(int)];
        for (int function = 0; function < NameFunctions; function++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(FirstNameFunction + function, 0);
            foreach ((int index, int register) in new[] { a, b, c, d }.Index())
            {
                BinaryPrimitives.WriteInt32LittleEndian(name.AsSpan(((function * 4) + index) * sizeof(int)), register);
            }
        }
        return OneLine(Encoding.ASCII.GetString(name).Trim('\0'));
    }

    static string? NameByLinux() => Lines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
        is { } line && line.Contains(':', StringComparison.Ordinal) ? OneLine(line.Split(':', 2)[1]) : null;

    // Threads of one core name each other as siblings.
    static int? CoresByLinux()
    {
        if (Lines(Status).FirstOrDefault(line => line.StartsWith(AllowedKey, StringComparison.Ordinal)) is not { } allowed)
        {
            return null;
        }
        string[] siblings =
        [
            .. Numbers(allowed[AllowedKey.Length..])
                .SelectMany(cpu => Lines($"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").Take(1)),
        ];
        // A limit of time leaves all cores, and fewer threads at once.
        return siblings.Length > 0 ? Math.Min(siblings.Distinct().Count(), Environment.ProcessorCount) : null;
    }

    /// <summary>The numbers of a list as Linux writes it: 0-2,5 are 0, 1, 2 and 5.</summary>
    /// <param name="list">The list.</param>
    internal static IEnumerable<int> Numbers(string list) => list.Split(',', StringSplitOptions.TrimEntries).SelectMany(range =>
    {
        int[] ends = [.. range.Split('-').Select(end => int.TryParse(end, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return ends.Min() < 0 ? [] : Enumerable.Range(ends[0], Math.Max(0, ends[^1] - ends[0] + 1));
    });

    static string? OneLine(string name)
    {
        string[] words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length > 0 ? string.Join(' ', words) : null;
    }

    static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
