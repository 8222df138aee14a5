using System.Text.RegularExpressions;

namespace Makemore.Gpu.Soak.Mutations;

/// <summary>Whether a call ended as it should: exit codes 0, 1, 2 or 130, each but the first with one line that says why.</summary>
static partial class Verdict
{
    const string Prefix = "makemore: ";

    static readonly int[] ExitCodes = [0, 1, 2, 130];

    // What a fault of the program itself looks like: exceptions of .NET for which nobody has words.
    static readonly string[] Crashes =
    [
        "NullReference", "IndexOutOfRange", "InvalidCast", "Overflow", "KeyNotFound", "Argument", "ArgumentNull", "ArgumentOutOfRange",
        "InvalidOperation", "Format", "NotSupported", "NotImplemented", "DivideByZero", "Aggregate", "Json", "ObjectDisposed", "EndOfStream",
        "InternalCompiler", "Regex", "DecoderFallback", "EncoderFallback", "InvalidData", "StackOverflow", "Security", "TypeInitialization",
        "RankException", "ArrayTypeMismatch", "InvalidProgram", "MissingMethod", "TargetInvocation",
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
        return exitCode == 1 && Crashes.Contains(exception.Groups[1].Value) ? $"it fails by {exception.Value}" : null;
    }

    [GeneratedRegex(@"^[\w.]*?\.(\w+?)(Exception)?(?=:)")]
    private static partial Regex ExceptionName();
}
