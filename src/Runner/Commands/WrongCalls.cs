using System.CommandLine;
using System.CommandLine.Parsing;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Help;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Calls that cannot be understood, and what was probably meant.</summary>
static class WrongCalls
{
    /// <summary>What to do next, for a call of the program's name alone.</summary>
    /// <param name="error">Where to say it: a script that has lost its command must not take it for a result.</param>
    public static void Welcome(TextWriter error)
    {
        error.WriteLine($"{ProgramCall.With("train")} trains a small language model on names, in seconds.");
        error.WriteLine($"{ProgramCall.With("sample")} then makes up new ones, {ProgramCall.With("inspect")} looks inside.");
        error.WriteLine($"{ProgramCall.With("help")} tells of all commands.");
    }

    /// <summary>What is wrong with a call, in a line; null where nothing is.</summary>
    /// <param name="parsed">The call.</param>
    public static string? Fault(ParseResult parsed)
    {
        // Before anything is completed, a call is never right.
        bool isCompletion = parsed.GetResult(CommandLine.Completions) is not null;
        string? fault = isCompletion || parsed.Action is ShowHelp ? null : Unknown(parsed) ?? Error(parsed);
        return fault is null ? null : $"{fault} (see {ProgramCall.With([.. HelpPage.WordsOf(parsed.CommandResult.Command), "--help"])})";
    }

    static string? Unknown(ParseResult parsed)
    {
        // What begins as an option does, and is none, was else taken for an argument.
        string? word = parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? null
            : parsed.CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens).FirstOrDefault(token => token.Value is ['-', _, ..])?.Value;
        word ??= parsed.UnmatchedTokens is [var unmatched, ..] ? unmatched : null;
        if (word is null)
        {
            return null;
        }
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = word.StartsWith('-')
            ? OptionGroups.OptionsOf(command).Select(option => option.Name)
            : command.Subcommands.Select(below => below.Name);
        return $"unknown {(word.StartsWith('-') ? "option" : command is RootCommand ? "command" : "word")} '{Explanation.Shorten(word)}'"
            + Suggestion.For(word, known);
    }

    static string? Error(ParseResult parsed) => parsed switch
    {
        { Errors.Count: 0 } => null,
        { CommandResult.Command: RootCommand root } =>
            $"no command was given: use {string.Join(", ", root.Subcommands.Select(command => command.Name))}",
        _ => parsed.Tokens.Aggregate(parsed.Errors[0].Message.TrimEnd('.'), (message, token) => token.Value.Length > Explanation.MostOfText
            ? message.Replace(token.Value, Explanation.Shorten(token.Value), StringComparison.Ordinal)
            : message),
    };
}
