using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Output;

/// <summary>Where one call of the program writes, and what stops it.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="json">Whether the result is wanted as JSON.</param>
/// <param name="interruption">Stops the work.</param>
sealed class Session(TextWriter output, TextWriter error, bool json, Interruption interruption)
{
    static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether the result is wanted as JSON.</summary>
    public bool IsJson => json;

    /// <summary>Stops work at the next safe point.</summary>
    public CancellationToken Cancellation => interruption.Token;

    /// <summary>For text to read: standard output, or standard error where that is kept for JSON.</summary>
    public TextWriter Text => json ? error : output;

    /// <summary>Whether a person watches: the text goes to a terminal, so that it may be drawn over.</summary>
    public bool IsTerminal => ReferenceEquals(Text, Console.Out) && !Console.IsOutputRedirected;

    /// <summary>For tables and progress, on the same stream as the text.</summary>
    public IAnsiConsole Tables
    {
        get
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(Text),
                Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = IsTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            });
            if (!IsTerminal)
            {
                // Nothing to fit into: a table that is read by another program must not be broken at 80 columns.
                console.Profile.Width = 1000;
            }
            return console;
        }
    }

    /// <summary>Keeps an interrupted program from ending until what is returned is disposed: for work that must not be lost.</summary>
    public IDisposable Finish() => interruption.Finish();

    /// <summary>For what a person should know but did not ask for.</summary>
    /// <param name="line">The line.</param>
    public void Note(string line) => error.WriteLine(line);

    /// <summary>Writes the result as JSON, where that is wanted.</summary>
    /// <param name="value">The result.</param>
    public void Result(object value)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(value, JsonOptions));
        }
    }
}
