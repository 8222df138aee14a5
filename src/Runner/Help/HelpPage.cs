using System.CommandLine;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Help;

/// <summary>What a command does and takes, in lines of at most 80 characters but for examples.</summary>
static class HelpPage
{
    const int Width = 80;
    const string Indent = "  ";

    // Where descriptions begin. A label that reaches so far has its description below it.
    const int DescriptionColumn = 24;

    /// <summary>The lines of a command's page.</summary>
    /// <param name="command">The command.</param>
    public static IEnumerable<string> Of(Command command) =>
    [
        .. WrappedText.Lines(command.Description!, Width),
        "",
        .. Titled("Usage", UsagesOf(command).Select(usage => Indent + usage)),
        .. Titled("Commands", command.Subcommands.SelectMany(below => Row(LabelOf(below), below.Description!))),
        .. Titled("Arguments", command.Arguments.SelectMany(argument => Row(argument.Name, argument.Description!))),
        .. OptionGroups.Of(command).SelectMany(group => Titled(
            group.Heading, group.Options.SelectMany(option => Row(LabelOf(option), option.Description!)))),
        .. Titled("Examples", Examples.Of(command).SelectMany(example => (string[])
            [$"{Indent}{ProgramCall.With(example.Arguments)}", $"{Indent}{Indent}{example.Purpose}"])),
        .. command.Subcommands.Count > 0
            ? (string[])[$"{ProgramCall.With([.. WordsOf(command), "COMMAND", "--help"])} tells what one of them takes."]
            : [],
    ];

    /// <summary>The words by which a command is called, without the program's.</summary>
    /// <param name="command">The command.</param>
    public static string[] WordsOf(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().SelectMany(WordsOf), command.Name];

    static IEnumerable<string> Titled(string title, IEnumerable<string> lines) =>
        lines.Any() ? [$"{title}:", .. lines, ""] : [];

    static IEnumerable<string> UsagesOf(Command command)
    {
        string call = ProgramCall.With(WordsOf(command));
        if (command.Subcommands.Count > 0)
        {
            yield return $"{call} COMMAND [options]";
        }
        if (command is not RootCommand)
        {
            yield return string.Join(' ', [call, .. command.Arguments.Select(UsageOf), "[options]"]);
        }
    }

    static string UsageOf(Argument argument)
    {
        string name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    static string LabelOf(Command command) => string.Join(' ', [command.Name, .. command.Arguments.Select(UsageOf)]);

    static string LabelOf(Option option)
    {
        IEnumerable<string> names = option.Aliases.Where(alias => alias.StartsWith('-')).Append(option.Name);
        return string.Join(", ", names) + (option.HelpName is { } value ? $" {value}" : "");
    }

    static IEnumerable<string> Row(string label, string description)
    {
        string head = Indent + label;
        bool isBeside = head.Length + Indent.Length <= DescriptionColumn;
        if (!isBeside)
        {
            yield return head;
        }
        foreach ((int index, string line) in Paragraphs(description).Index())
        {
            yield return (index == 0 && isBeside ? head : "").PadRight(DescriptionColumn) + line;
        }
    }

    // The lines of a list stand out from their first ones.
    static IEnumerable<string> Paragraphs(string description) => description.Split('\n').SelectMany(paragraph =>
        WrappedText.Lines(paragraph, Width - DescriptionColumn - Indent.Length).Select((line, index) =>
            index > 0 && paragraph.StartsWith("- ", StringComparison.Ordinal) ? Indent + line : line));
}
