using System.Text.Json;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>What a call of the program gave.</summary>
sealed record Outcome(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Lines(Output);

    public string[] ErrorLines => Lines(Error);

    /// <summary>The result as JSON, which must be all of standard output and one line.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.That(OutputLines, Has.Length.EqualTo(1), Output);
            return JsonDocument.Parse(Output).RootElement;
        }
    }

    /// <summary>Asserts that the call ended with one line for the person who made it.</summary>
    public void AssertFailed(int exitCode, params string[] mentions)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ExitCode, Is.EqualTo(exitCode), Error);
            Assert.That(ErrorLines, Has.Length.EqualTo(1), Error);
            Assert.That(Error, Does.StartWith("makemore: ").And.Not.Contain("   at "));
            foreach (string mention in mentions)
            {
                Assert.That(Error, Does.Contain(mention));
            }
        }
    }

    static string[] Lines(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
