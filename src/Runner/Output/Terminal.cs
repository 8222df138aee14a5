namespace Makemore.Gpu.Runner.Output;

/// <summary>What a terminal can show, by what its environment tells.</summary>
/// <param name="variable">The value of an environment variable; null where it is not set.</param>
sealed class Terminal(Func<string, string?> variable)
{
    // The console of Linux has a font of its own, without most blocks.
    const string LinuxConsole = "linux";

    // The first one that is set counts.
    static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    /// <summary>The terminal of the process.</summary>
    public static Terminal Own { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Whether it can be drawn over: it takes control codes, and nobody has asked for plain text.</summary>
    public bool TakesCodes => variable("TERM") != "dumb" && string.IsNullOrEmpty(variable("NO_COLOR"));

    /// <summary>Whether it shows blocks of eight heights.</summary>
    public bool HasBlocks => variable("TERM") != LinuxConsole && IsUtf8(Locale);

    string? Locale => LocaleVariables.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    // Where nobody tells, terminals are UTF-8, as is all that the program writes.
    static bool IsUtf8(string? locale) => locale is null
        || locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
}
