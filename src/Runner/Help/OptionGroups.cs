using System.CommandLine;
using System.CommandLine.Help;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Help;

/// <summary>The options of a command under headings.</summary>
static class OptionGroups
{
    // In the order in which they are shown. What stands in none of them is a command's own.
    static readonly (string Heading, IReadOnlyList<Option> Options)[] Shared =
    [
        ("The names", DataOptions.All),
        ("The network", NetworkOptions.OfNetwork),
        ("The training", NetworkOptions.OfTraining),
        ("The run", [.. RunOptions.All, .. ProgressOptions.All]),
        ("The names that are drawn", SamplingOptions.All),
        ("The machine", [CommonOptions.Accelerator, .. StrategyOptions.All]),
        ("Every command", [CommonOptions.Json, CommonOptions.Quiet, CommonOptions.Verbose]),
    ];

    /// <summary>The options of a command.</summary>
    /// <param name="command">The command.</param>
    public static IEnumerable<(string Heading, IReadOnlyList<Option> Options)> Of(Command command)
    {
        Option[] all = [.. OptionsOf(command)];
        Option[] own = [.. all.Where(option => !Shared.Any(group => group.Options.Contains(option)) && !IsOfEvery(option))];
        return Shared
            .Select(group => (group.Heading, (IReadOnlyList<Option>)[.. group.Options.Where(all.Contains)]))
            .Prepend(("Options", own))
            .SkipLast(1)
            .Append((Shared[^1].Heading, [.. all.Where(option => Shared[^1].Options.Contains(option) || IsOfEvery(option))]))
            .Where(group => group.Item2.Count > 0);
    }

    /// <summary>All options that a command takes, its own first.</summary>
    /// <param name="command">The command.</param>
    public static IEnumerable<Option> OptionsOf(Command command) => command.Options.Concat(
        Above(command).SelectMany(above => above.Options.Where(option => option.Recursive)));

    static IEnumerable<Command> Above(Command command) =>
        command.Parents.OfType<Command>().SelectMany(parent => Above(parent).Prepend(parent));

    static bool IsOfEvery(Option option) => option is HelpOption or VersionOption;
}
