using System.Text.RegularExpressions;

namespace Makemore.Gpu.Soak.Mutations;

/// <summary>Whether a call ended as it should: exit codes 0, 1, 2 or 130, each but the first with one line that says why.</summary>
static partial class Verdict
{
    const string Prefix = "makemore: ";

    static readonly int[] ExitCodes = [0, 1, 2, 130];

    // What may end a call at its work beside the program's own exceptions: the disk, the memory and the accelerator. Anything else is a
    // fault of the program, for which it has no words.
    static readonly string[] Expected =
    [
        "System.IO.IOException", "System.IO.FileNotFoundException", "System.IO.DirectoryNotFoundException",
        "System.IO.PathTooLongException", "System.UnauthorizedAccessException", "System.OutOfMemoryException",
    ];

    /// <summary>What is wrong with the end of a call; null where nothing is.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="error">Standard error, with the stack trace where there was an exception.</param>
    public static string? Of(int exitCode, string error)
    {
        if (!ExitCodes.Contains(exitCode))
        {
            return $"its exit code is {exitCode}";
        }
        string[] lines = error.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int last = Array.FindLastIndex(lines, line => line.StartsWith(Prefix, StringComparison.Ordinal));
        if (exitCode == 0)
        {
            return last < 0 ? null : "it is done, and tells an error";
        }
        if (last < 0 || lines[last].Length <= Prefix.Length)
        {
            return "it says nothing of what is wrong";
        }
        Match exception = last + 1 < lines.Length ? ExceptionName().Match(lines[last + 1]) : Match.Empty;
        if (last + 1 < lines.Length && !exception.Success)
        {
            return "its error is more than one line";
        }
        return exitCode == 1 && exception.Success && !IsExpected(exception.Value) ? $"it fails by {exception.Value}" : null;
    }

    static bool IsExpected(string exception) =>
        Expected.Contains(exception)
        || exception.StartsWith("Makemore.Gpu.", StringComparison.Ordinal)
        || exception.StartsWith("ILGPU.Runtime.", StringComparison.Ordinal);

    [GeneratedRegex(@"^[\w.]+Exception(?=:)")]
    private static partial Regex ExceptionName();
}
