using Makemore.Gpu.Runner.Output;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Output;

/// <summary>What is told of a terminal by its environment.</summary>
sealed class TerminalTests
{
    [TestCase("TERM=xterm", true)]
    [TestCase("", true)]
    [TestCase("TERM=dumb", false)]
    [TestCase("TERM=xterm NO_COLOR=1", false)]
    [TestCase("TERM=xterm NO_COLOR=", true)]
    public void A_terminal_is_drawn_over_where_it_takes_codes(string environment, bool takes) =>
        Assert.That(Of(environment).TakesCodes, Is.EqualTo(takes));

    [TestCase("", true)]
    [TestCase("LANG=en_US.UTF-8", true)]
    [TestCase("LANG=C.utf8", true)]
    [TestCase("LANG=C", false)]
    [TestCase("LANG=en_US.UTF-8 LC_ALL=POSIX", false)]
    [TestCase("LANG=C LC_CTYPE=C.UTF-8", true)]
    [TestCase("LANG=C.UTF-8 TERM=linux", false)]
    public void Blocks_are_for_terminals_of_UTF_8(string environment, bool has) =>
        Assert.That(Of(environment).HasBlocks, Is.EqualTo(has));

    static Terminal Of(string environment) => new(environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(variable => variable.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]).GetValueOrDefault);
}
