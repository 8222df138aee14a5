using System.Reflection;
using System.Text.RegularExpressions;

namespace Makemore.Gpu.Kernels;

/// <summary>An operation and its kernels.</summary>
/// <param name="Name">The launcher's type.</param>
/// <param name="Kernels">What runs it in each of <see cref="KernelMap.Forms"/>, in words.</param>
sealed record MappedOperation(string Name, IReadOnlyList<string> Kernels)
{
    /// <summary>The types of its kernels, the launcher's first.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];
}

/// <summary>
/// Which kernel runs where, what NVIDIA's assembler says of it, and its source: the tables of this folder's README and of
/// docs/cuda-kernels.md, and the files themselves, all of which the assembly holds.
/// </summary>
static partial class KernelMap
{
    static readonly string[][] Map = [.. Table("kernels.md", "operation")];
    static readonly string[][] Assembled = [.. Table("cuda-kernels.md", "kernel")];

    /// <summary>The ways to run an operation.</summary>
    public static IReadOnlyList<string> Forms { get; } = Map[0][1..];

    /// <summary>Every operation.</summary>
    public static IReadOnlyList<MappedOperation> Operations { get; } = [.. Map.Skip(1).Select(OperationOf)];

    /// <summary>The headings of <see cref="FiguresOf"/>.</summary>
    public static IReadOnlyList<string> FigureNames => Assembled[0];

    /// <summary>The figures of an operation's kernels on CUDA, a row for each.</summary>
    /// <param name="operation">The operation.</param>
    public static IEnumerable<IReadOnlyList<string>> FiguresOf(MappedOperation operation) =>
        Assembled.Skip(1).Where(row => operation.Types.Contains(TypeName().Match(row[0]).Value));

    /// <summary>The files that hold an operation's launcher and kernels, each with its path in the project.</summary>
    /// <param name="operation">The operation.</param>
    public static IEnumerable<(string Path, string Text)> SourcesOf(MappedOperation operation)
    {
        var declarations = new Regex($@"\b(?:class|struct) (?:{string.Join('|', operation.Types)})\b", RegexOptions.CultureInvariant);
        return
            from path in typeof(KernelMap).Assembly.GetManifestResourceNames()
            where path.EndsWith(".cs", StringComparison.Ordinal)
            let text = Read(path)
            where declarations.IsMatch(text)
            orderby Path.GetFileNameWithoutExtension(path) != operation.Name, path
            select (path, text);
    }

    static MappedOperation OperationOf(string[] row)
    {
        string name = Link().Match(row[0]).Groups[1].Value;
        IEnumerable<string> types = row.Skip(1).SelectMany(cell => Code().Matches(cell)).Select(match => match.Groups[1].Value);
        return new MappedOperation(name, [.. row.Skip(1).Select(cell => cell.Replace("`", "", StringComparison.Ordinal))])
        {
            Types = [.. types.Prepend(name).Distinct()],
        };
    }

    // The rows of the table whose first heading is given, the headings first.
    static IEnumerable<string[]> Table(string document, string heading) =>
        Read(document).ReplaceLineEndings("\n").Split('\n')
            .SkipWhile(line => !line.StartsWith($"| {heading} |", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|'))
            .Where(line => !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\[(\w+)\]")]
    private static partial Regex Link();

    // The type of a kernel, whatever its method.
    [GeneratedRegex(@"`(\w+)(?:\.\w+)?`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\w+")]
    private static partial Regex TypeName();
}
