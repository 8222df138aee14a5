using Makemore.Gpu.Runner.Explore;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Explore;

/// <summary>docs/lessons.md, whose outputs scripts/lessons makes: it leaves no lesson out.</summary>
sealed class LessonsTests
{
    [Test]
    public void Every_experiment_is_a_lesson() =>
        Assert.That(
            Commands().Where(command => command.StartsWith("explore ", StringComparison.Ordinal)).Select(command => command.Split(' ')[1]),
            Is.EquivalentTo(Exploration.All.Select(exploration => exploration.Name)));

    [TestCase("recipes")]
    [TestCase("inspect")]
    [TestCase("check")]
    public void So_is_every_command_that_teaches(string command) =>
        Assert.That(Commands(), Has.Some.StartsWith(command + " "));

    [Test]
    public void Every_command_shows_its_output()
    {
        string[] lines = Lines();
        Assert.That(
            lines.Zip(lines.Skip(1)).Where(pair => pair.First.StartsWith("$ ", StringComparison.Ordinal)).Select(pair => pair.Second),
            Has.None.EqualTo("```"));
    }

    static IEnumerable<string> Commands() =>
        Lines().Where(line => line.StartsWith("$ makemore ", StringComparison.Ordinal)).Select(line => line["$ makemore ".Length..]);

    static string[] Lines() => File.ReadAllLines(Documents.Path("docs", "lessons.md"));
}
