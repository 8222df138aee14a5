using System.ComponentModel;
using System.Diagnostics;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>What a program did.</summary>
/// <param name="ExitCode">Its exit code; null where it could not be started or was ended for its time.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
/// <param name="TimedOut">Whether it was ended for its time.</param>
sealed record Ended(int? ExitCode, string Output, string Error, bool TimedOut)
{
    /// <summary>Whether it did what it should.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>What it said last: in most programs, what went wrong.</summary>
    public string LastWords => LastLine(Error) ?? LastLine(Output) ?? $"exit code {ExitCode}";

    static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
}

/// <summary>Runs programs to their end.</summary>
static class Child
{
    /// <summary>Runs a program, and writes down what it says.</summary>
    /// <param name="start">The program.</param>
    /// <param name="limit">When it is ended.</param>
    /// <param name="log">Where to write it.</param>
    public static Ended Run(ProcessStartInfo start, TimeSpan limit, Log log)
    {
        Ended ended = Run(start, limit);
        // At once: another program may run beside it.
        log.Write(
            $"$ {string.Join(' ', start.ArgumentList.Prepend(start.FileName))}\n{ended.Output}{ended.Error}"
            + $"({(ended.TimedOut ? $"ended after {limit.TotalSeconds:0} s" : $"exit code {ended.ExitCode}")})\n");
        return ended;
    }

    /// <summary>Ends a program with all that it has started.</summary>
    /// <param name="process">The program.</param>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }

    static Ended Run(ProcessStartInfo start, TimeSpan limit)
    {
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            return new Ended(null, "", $"{start.FileName} could not be started: {fault.Message}\n", TimedOut: false);
        }
        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            bool inTime = process.WaitForExit(limit);
            if (!inTime)
            {
                Kill(process);
            }
            Task.WaitAll([output, error], TimeSpan.FromSeconds(5));
            return new Ended(inTime ? process.ExitCode : null, Text(output), Text(error), !inTime);
        }
    }

    // A grandchild may hold the streams open.
    static string Text(Task<string> reading) => reading.IsCompletedSuccessfully ? reading.Result : "";
}
