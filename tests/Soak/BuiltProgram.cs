using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Soak;

/// <summary>The built program as a process of its own.</summary>
sealed class BuiltProgram : IDisposable
{
    // SIGKILL comes as this.
    const int KilledCode = 128 + 9;

    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    readonly Process process;
    readonly StringBuilder error = new();

    BuiltProgram(Process process) => this.process = process;

    /// <summary>What it wrote to standard error.</summary>
    public string Error
    {
        get
        {
            lock (error)
            {
                return error.ToString();
            }
        }
    }

    /// <summary>The most memory that was seen resident, in bytes.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Starts it.</summary>
    /// <param name="args">The call.</param>
    /// <param name="wrapper">What starts it in another way, as another user for example; none.</param>
    public static BuiltProgram Start(IEnumerable<string> args, params string[] wrapper)
    {
        string dotnet = Environment.ProcessPath!;
        string[] call = [.. wrapper, dotnet, Path.Combine(AppContext.BaseDirectory, "makemore.dll"), .. args];
        var start = new ProcessStartInfo(call[0], call[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        var program = new BuiltProgram(new Process { StartInfo = start });
        program.process.OutputDataReceived += (_, _) => { };
        program.process.ErrorDataReceived += (_, line) => program.Add(line.Data);
        program.process.Start();
        program.process.StandardInput.Close();
        program.process.BeginOutputReadLine();
        program.process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="limit">How long.</param>
    /// <returns>The exit code; null where it did not end.</returns>
    public int? WaitForEnd(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!process.WaitForExit(PollInterval))
        {
            Look();
            if (clock.Elapsed > limit)
            {
                return null;
            }
        }
        // All of its output has come then.
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Sends it SIGINT, as Ctrl-C does.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -INT {process.Id}")]);
        kill.WaitForExit();
    }

    /// <summary>Kills it at once, by SIGKILL, unless it has ended.</summary>
    /// <returns>The exit code of one that had ended; null where it was still there.</returns>
    public int? Kill()
    {
        process.Kill();
        process.WaitForExit();
        return process.ExitCode == KilledCode ? null : process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }
        process.Dispose();
    }

    void Add(string? line)
    {
        if (line is not null)
        {
            lock (error)
            {
                error.Append(line).Append('\n');
            }
        }
    }

    void Look()
    {
        try
        {
            process.Refresh();
            PeakBytes = Math.Max(PeakBytes, process.PeakWorkingSet64);
        }
        catch (Exception fault) when (fault is InvalidOperationException or Win32Exception)
        {
            // It has just ended.
        }
    }
}
