using System.Diagnostics;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>What shells complete.</summary>
sealed class CompletionTests : CommandTests
{
    [TestCase("tr", "train")]
    [TestCase("train --rec", "--recipe")]
    [TestCase("train --recipe deep-b", "deep-batchnorm")]
    [TestCase("explore fan", "fan-in")]
    [TestCase("help sco", "score")]
    [TestCase("completion b", "bash")]
    [TestCase("sample runs/se", "runs/second")]
    [TestCase("sample --model runs/se", "runs/second")]
    [TestCase("evaluate --statistics cal", "calibrated")]
    public void Words_are_completed(string line, string word)
    {
        Directory.CreateDirectory(Path.Combine("runs", "second"));
        Assert.That(Complete(line), Does.Contain(word));
    }

    [TestCase("")]
    [TestCase("train ")]
    [TestCase("train --steps few --rec")]
    public void What_is_not_yet_a_call_is_no_error(string line) => Assert.That(Complete(line), Is.Not.Empty);

    [TestCase("bash")]
    [TestCase("zsh")]
    [TestCase("fish")]
    [TestCase("pwsh")]
    public void Each_shell_has_a_script(string shell) =>
        Assert.That(Succeed("completion", shell).Output, Does.Contain("[suggest:").And.Contain($"makemore completion {shell}"));

    [Test]
    public void Another_shell_is_refused()
    {
        Refuse(["completion"], "bash, zsh, fish, pwsh");
        Refuse(["completion", "bahs"], "'bahs'", "'bash'");
    }

    [Test]
    [Platform("Linux")]
    public void Bash_completes_by_its_script()
    {
        Write("script", Succeed("completion", "bash").Output);
        string program = Path.Combine(AppContext.BaseDirectory, "makemore.dll");
        // As bash calls it for: makemore train --recipe deep-b
        string test = $$"""
            source ./script
            makemore() { "${DOTNET_HOST_PATH:-dotnet}" '{{program}}' "$@"; }
            COMP_LINE='makemore train --recipe deep-b' COMP_POINT=30 COMP_WORDS=(makemore train --recipe deep-b) COMP_CWORD=3
            _makemore makemore deep-b --recipe
            echo "${COMPREPLY[@]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", test]) { RedirectStandardOutput = true })!;
        Assert.That(bash.StandardOutput.ReadToEnd().Trim(), Is.EqualTo("deep-batchnorm"));
        bash.WaitForExit();
    }

    static string[] Complete(string line) => Succeed($"[suggest:{line.Length}]", line).OutputLines;
}
