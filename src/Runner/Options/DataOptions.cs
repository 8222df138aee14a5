using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Text;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that say where names stand and how they are read, for all commands that take a list of names.</summary>
static class DataOptions
{
    /// <summary>The file.</summary>
    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "the names to work on, one on each line, plain or gzip; - for standard input; "
            + "without it names.txt where the command data has fetched it, else a list that comes with the program",
        HelpName = "FILE",
    };

    /// <summary>The same, without the option's name.</summary>
    public static Argument<string?> File { get; } = new("FILE")
    {
        Description = "the names to train on, as --data",
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<string?> Encoding = new("--encoding")
    {
        Description = "the encoding of the text, such as windows-1252 or shift_jis; UTF-8, or what its byte order mark says",
        HelpName = "NAME",
    };

    static readonly Option<string?> Column = new("--column")
    {
        Description = "the column of a table (CSV, TSV) that holds the names: its name in the first line, or its number from 1, where the "
            + $"first line is one of names; {NamesFormat.NoColumn}: each line is a name, whatever separators it holds",
        HelpName = "NAME|N",
    };

    static readonly Option<string?> Separator = new("--separator")
    {
        Description = "what stands between the columns of a table, or tab; what its lines have in common, or a comma",
        HelpName = "TEXT",
    };

    static readonly Option<char?> Comment = new("--comment")
    {
        Description = "lines that begin with this character are left out",
        HelpName = "C",
        CustomParser = result =>
        {
            if (result.Tokens[0].Value is [char comment])
            {
                return comment;
            }
            result.Refuse($"--comment is '{result.Tokens[0].Value}' and must be one character, such as #");
            return null;
        },
    };

    static readonly Option<bool> SkipBad = new("--skip-bad")
    {
        Description = "leave out lines that are no names: damaged ones, too long ones, those with control characters or too few columns",
    };

    static readonly Option<bool> Unique = new("--unique") { Description = "leave out names that repeat an earlier one" };

    static readonly Option<UnicodeForm?> Normalize = CommonOptions.Choice<UnicodeForm>(
        "--normalize", "how letters with marks are written: composed, decomposed, or as they are; nfc");

    static readonly Option<bool> Lower = new("--lower") { Description = "make large letters small" };

    static readonly Option<TokenKind?> Tokens = CommonOptions.Choice<TokenKind>(
        "--tokens", "what is predicted from what is before it: code points, letters with all their marks, or words; rune");

    static readonly Option<string?> TokenSeparator = new("--token-separator")
    {
        Description = "what stands between words, with --tokens word; a space",
        HelpName = "TEXT",
    };

    static readonly Option<SplitBy?> Split = CommonOptions.Choice<SplitBy>(
        "--split-by",
        "what falls into a split: a line, so that a name that repeats may stand in several, or a name with all its lines; line");

    /// <summary>Those that say how a file is read, for a model that brings its text rules and tokens.</summary>
    public static IReadOnlyList<Option> OfFile { get; } = [Data, Encoding, Column, Separator, Comment, SkipBad];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [.. OfFile, Unique, Normalize, Lower, Tokens, TokenSeparator, Split];

    /// <summary>The file that was asked for, by <see cref="Data"/> or by <see cref="File"/>; null where none was.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">Two of them were.</exception>
    public static string? FileOf(ParseResult parsed) => parsed.ValueOf(Data, File);

    /// <summary>The format that was asked for.</summary>
    /// <param name="parsed">The call, with the options of <see cref="All"/> or <see cref="OfFile"/>.</param>
    /// <param name="before">The format that a model or a run brings, where the call does not say another one; or null.</param>
    /// <exception cref="InvalidRequestException">Options do not go together.</exception>
    public static NamesFormat Resolve(ParseResult parsed, NamesFormat? before = null)
    {
        NamesFormat format = before ?? NamesFormat.Default;
        bool isOtherFile = parsed.FirstGiven(OfFile) is not null || parsed.GetValue(File) is not null;
        format = format with
        {
            Encoding = isOtherFile ? parsed.GetValue(Encoding) : format.Encoding,
            Column = isOtherFile ? parsed.GetValue(Column) : format.Column,
            Separator = isOtherFile ? SeparatorOf(parsed) : format.Separator,
            Comment = isOtherFile ? parsed.GetValue(Comment) : format.Comment,
            SkipBad = isOtherFile ? parsed.GetValue(SkipBad) : format.SkipBad,
        };
        if (format.Separator is not null && format.Column is null or NamesFormat.NoColumn)
        {
            throw new InvalidRequestException($"{Separator.Name} is for a table: give {Column.Name} with the column of names, too");
        }
        TokenKind tokens = parsed.GetValue(Tokens) ?? format.Tokens.Kind;
        if (parsed.GetValue(TokenSeparator) is { } separator && (separator.Length == 0 || tokens != TokenKind.Word))
        {
            throw new InvalidRequestException($"{TokenSeparator.Name} is for words and not empty: give {Tokens.Name} word, too");
        }
        return format with
        {
            Unique = parsed.GetValue(Unique) || format.Unique,
            Text = new TextRules(parsed.GetValue(Normalize) ?? format.Text.Form, parsed.GetValue(Lower) || format.Text.Lower),
            Tokens = new Tokenization(tokens, parsed.GetValue(TokenSeparator) ?? format.Tokens.Separator),
            SplitBy = parsed.GetValue(Split) ?? format.SplitBy,
        };
    }

    static string? SeparatorOf(ParseResult parsed) => parsed.GetValue(Separator) switch
    {
        "tab" or "\\t" => "\t",
        "" => throw new InvalidRequestException($"{Separator.Name} is '' and must be what stands between columns, such as ; or tab"),
        { } separator => separator,
        null => null,
    };
}
