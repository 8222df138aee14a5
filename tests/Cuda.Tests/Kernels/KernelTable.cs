using System.Globalization;
using Makemore.Gpu.Cuda.Tests.Driver;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>The committed table of all kernels and what the assembler says of them.</summary>
static class KernelTable
{
    /// <summary>The environment variable that has the table written in place of compared.</summary>
    public const string RenewVariable = "CUDA_KERNELS_RENEW";

    /// <summary>How the table is renewed.</summary>
    public const string RenewCommand =
        $"{RenewVariable}=1 dotnet run -c Release --project tests/Cuda.Tests -- --filter 'FullyQualifiedName~KernelTableTests'";

    const string AssembledBy = "Assembled by ptxas ";

    /// <summary>The file, where these tests run in the repository; else null.</summary>
    public static string? Path { get; } = FindFolder() is { } folder ? System.IO.Path.Combine(folder, "docs", "cuda-kernels.md") : null;

    /// <summary>The version of the assembler that a table was made with.</summary>
    /// <param name="table">The table.</param>
    public static string? VersionOf(string table)
    {
        int start = table.IndexOf(AssembledBy, StringComparison.Ordinal);
        return start >= 0 && table[(start + AssembledBy.Length)..].Split('.', ' ', '\n') is [var major, var minor, var build, ..]
            ? $"{major}.{minor}.{build}"
            : null;
    }

    /// <summary>The table of the kernels as they are now.</summary>
    public static string Write()
    {
        var rows = new OrderedDictionary<(string Form, string Groups), Dictionary<StandInDevice, KernelFigures>>();
        foreach (StandInDevice device in StandInDevice.All)
        {
            foreach (AssembledKernel kernel in AssembledKernel.For(device))
            {
                rows.TryAdd((kernel.Form, kernel.Groups), []);
                rows[(kernel.Form, kernel.Groups)].Add(device, kernel.Figures);
            }
        }
        IEnumerable<string> lines = rows
            .OrderBy(row => row.Key.Form, StringComparer.Ordinal)
            .Select(row =>
                $"| {row.Key.Form} | {row.Key.Groups} | {string.Join(" | ", Columns.Select(column => Cell(row.Value, column)))} |");
        return Head() + string.Join('\n', lines) + "\n";
    }

    static readonly Func<KernelFigures, int>[] Columns =
        [figures => figures.Registers, figures => figures.SharedBytes, figures => figures.LocalBytes, figures => figures.Instructions];

    static string Head() =>
        $"""
        # CUDA kernels

        Every kernel as the program loads it on a GPU of each architecture, compiled to PTX by ILGPU and assembled by NVIDIA's assembler:
        registers of a thread, static shared memory of a group in bytes, local memory of a thread in bytes, and machine instructions. Where
        the architectures {string.Join(", ", StandInDevice.All)} differ, a cell has a figure for each, and – where the kernel is not loaded
        there. A number behind a name tells forms of one kernel apart.

        {AssembledBy}{Assembler.Version}. The tests write this table; to renew it: `{RenewCommand}`

        | kernel | threads of a group | registers | shared memory | local memory | instructions |
        |---|---:|---:|---:|---:|---:|

        """;

    static string Cell(Dictionary<StandInDevice, KernelFigures> figures, Func<KernelFigures, int> column)
    {
        string[] all =
        [
            .. StandInDevice.All.Select(device =>
                figures.TryGetValue(device, out KernelFigures? found) ? column(found).ToString("N0", CultureInfo.InvariantCulture) : "–"),
        ];
        return all.Distinct().Count() == 1 ? all[0] : string.Join(" / ", all);
    }

    static string? FindFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "Makemore.Gpu.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }
        return folder;
    }
}
