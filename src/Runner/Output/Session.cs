using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Output;

/// <summary>Where one call of the program writes, and what stops it.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="json">Whether the result is wanted as JSON.</param>
/// <param name="quiet">Whether nothing but the result is wanted.</param>
/// <param name="interruption">Stops the work.</param>
sealed class Session(TextWriter output, TextWriter error, bool json, bool quiet, Interruption interruption)
{
    static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether the result is wanted as JSON.</summary>
    public bool IsJson => json;

    /// <summary>Whether nothing but the result is wanted.</summary>
    public bool IsQuiet => quiet;

    /// <summary>Whether it may be shown how far work is, by what moves on a terminal.</summary>
    public bool ShowsProgress => IsDrawable && !quiet;

    /// <summary>Stops work at the next safe point.</summary>
    public CancellationToken Cancellation => interruption.Token;

    /// <summary>For text to read: standard output, or standard error where that is kept for JSON.</summary>
    public TextWriter Text { get; } = new ShownWriter(TargetOf(output, error, json, quiet));

    // Without the escapes: what moves on a terminal needs its own.
    TextWriter Target => TargetOf(output, error, json, quiet);

    /// <summary>Whether a person watches: the text goes to a terminal.</summary>
    public bool IsTerminal => ReferenceEquals(Target, Console.Out) && !Console.IsOutputRedirected;

    bool IsDrawable => IsTerminal && Terminal.Own.TakesCodes;

    /// <summary>For tables and progress, on the same stream as the text. What they hold must be <see cref="ShownText"/>.</summary>
    public IAnsiConsole Tables
    {
        get
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(Target),
                Ansi = IsDrawable ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = IsDrawable ? InteractionSupport.Detect : InteractionSupport.No,
            });
            if (!IsTerminal)
            {
                // Nothing to fit into: a table that is read by another program must not be broken at 80 columns.
                console.Profile.Width = 1000;
            }
            return console;
        }
    }

    /// <summary>Tells what is worked on, and how, in a line; not where nothing but the result is wanted.</summary>
    /// <param name="label">What is told, in a word or two.</param>
    /// <param name="value">The value. On a terminal its lines break between words.</param>
    public void Tell(string label, string value)
    {
        if (!quiet)
        {
            Fact(label, value);
        }
    }

    /// <summary>Tells what to call next, in a line that stays whole, so that it can be copied.</summary>
    /// <param name="label">What that is for, in a word or two.</param>
    /// <param name="call">The call, by <see cref="ProgramCall"/>.</param>
    public void Hint(string label, string call)
    {
        if (!quiet)
        {
            Text.WriteLine(WrappedText.Labeled(label, call, int.MaxValue).Single());
        }
    }

    /// <summary>Ends the lines of <see cref="Tell"/> by an empty one.</summary>
    public void TellEnd()
    {
        if (!quiet)
        {
            Text.WriteLine();
        }
    }

    /// <summary>Writes a part of the result as a line, with what it is.</summary>
    /// <param name="label">What it is, in a word or two.</param>
    /// <param name="value">The value. On a terminal its lines break between words.</param>
    public void Fact(string label, string value)
    {
        foreach (string line in WrappedText.Labeled(label, ShownText.Line(value), IsTerminal ? Tables.Profile.Width : int.MaxValue))
        {
            Text.WriteLine(line);
        }
    }

    /// <summary>Keeps an interrupted program from ending until what is returned is disposed: for work that must not be lost.</summary>
    public IDisposable Finish() => interruption.Finish();

    /// <summary>For what a person should know but did not ask for.</summary>
    /// <param name="line">The line, in words of the program alone.</param>
    public void Note(string line)
    {
        if (!quiet)
        {
            error.WriteLine(ShownText.Line(line));
        }
    }

    /// <summary>For what a person should know but did not ask for.</summary>
    /// <param name="line">The line, as an interpolated string, whose inserted texts are shortened.</param>
    public void Note(Explanation line) => Note(line.ToString());

    // Beside JSON nothing else is the result.
    static TextWriter TargetOf(TextWriter output, TextWriter error, bool json, bool quiet) =>
        !json ? output : quiet ? TextWriter.Null : error;

    /// <summary>Writes the result as JSON, where that is wanted.</summary>
    /// <param name="value">The result.</param>
    public void Result(object value)
    {
        if (json)
        {
            output.WriteLine(ShownText.Line(JsonSerializer.Serialize(value, JsonOptions)));
        }
    }
}
