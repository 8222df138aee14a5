using System.Diagnostics;
using System.Text;
using NUnit.Framework;

namespace Makemore.Gpu.Samples.Tests;

/// <summary>A sample as a process of its own.</summary>
static class Sample
{
    /// <summary>Long enough for the slowest machine: reached only where the program hangs.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a sample, which must succeed without a word on standard error.</summary>
    /// <param name="name">Its project.</param>
    /// <returns>The lines that it printed.</returns>
    public static string[] Run(string name)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, $"Makemore.Gpu.{name}.dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        bool hasEnded = process.WaitForExit(Patience);
        if (!hasEnded)
        {
            process.Kill();
        }
        Assert.That(hasEnded, Is.True, "the sample hangs");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(process.ExitCode, Is.Zero);
            Assert.That(error.GetAwaiter().GetResult(), Is.Empty);
        }
        return output.GetAwaiter().GetResult().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }
}
