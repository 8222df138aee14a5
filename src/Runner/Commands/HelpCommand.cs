using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Help;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The page of a command.</summary>
static class HelpCommand
{
    static readonly Argument<string[]> Words = new("COMMAND")
    {
        Description = "the command; without one, all commands",
        Arity = ArgumentArity.ZeroOrMore,
        CompletionSources = { _ => CommandLine.Root.Subcommands.Select(command => command.Name) },
    };

    public static Command Create() => new("help", "what a command does and takes, with examples") { Words };

    public static int Run(ParseResult parsed, Session session)
    {
        Command command = CommandLine.Root;
        foreach (string word in parsed.GetValue(Words) ?? [])
        {
            command = command.Subcommands.FirstOrDefault(below => below.Name == word) ?? throw new InvalidRequestException(
                $"unknown command '{word}'{Suggestion.For(word, command.Subcommands.Select(below => below.Name))}: use "
                + $"{string.Join(", ", command.Subcommands.Select(below => below.Name)):whole}");
        }
        string[] lines = [.. HelpPage.Of(command)];
        foreach (string line in lines)
        {
            session.Text.WriteLine(line);
        }
        session.Result(new { Command = string.Join(' ', HelpPage.WordsOf(command)), Lines = lines });
        return 0;
    }
}
