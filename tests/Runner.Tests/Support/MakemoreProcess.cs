using System.Diagnostics;
using System.Globalization;
using System.Text;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>The program as a process of its own, as a shell starts it.</summary>
sealed class MakemoreProcess : IDisposable
{
    /// <summary>Long enough for the slowest machine: reached only where the program hangs.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    static readonly TimeSpan WorkingTime = TimeSpan.FromSeconds(4);

    readonly Process process;
    readonly Task<string> error;

    public MakemoreProcess(string[] args, params (string Name, string Value)[] environment) : this(args, [], environment)
    {
    }

    /// <summary>Starts the program with something on its standard input.</summary>
    public MakemoreProcess(string[] args, byte[] input, params (string Name, string Value)[] environment)
    {
        process = Start(args, environment);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs a call to its end.</summary>
    public static Outcome Run(string[] args, params (string Name, string Value)[] environment)
    {
        using var process = new MakemoreProcess(args, environment);
        return process.End();
    }

    /// <summary>Runs a call to its end, with bytes on standard input, and gives the very bytes of both its outputs.</summary>
    public static (byte[] Output, byte[] Error) Exchange(string[] args, byte[] input, params (string Name, string Value)[] environment)
    {
        using Process process = Start(args, environment);
        Task<byte[]> output = ReadAsync(process.StandardOutput.BaseStream);
        Task<byte[]> error = ReadAsync(process.StandardError.BaseStream);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        Assert.That(process.WaitForExit(Patience), Is.True, "the program hangs");
        return (output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Reads standard output up to a line with a certain beginning.</summary>
    public void WaitFor(string beginning)
    {
        string? line;
        do
        {
            line = process.StandardOutput.ReadLine();
        }
        while (line is not null && !line.StartsWith(beginning, StringComparison.Ordinal));
        Assert.That(line, Is.Not.Null, "the program ended before it wrote what was waited for");
    }

    /// <summary>Waits until the program has worked for longer than it needs to start.</summary>
    public void WaitForWork()
    {
        while (!process.HasExited && process.TotalProcessorTime < WorkingTime)
        {
            Thread.Sleep(20);
            process.Refresh();
        }
    }

    /// <summary>Sends a signal by its name.</summary>
    public void Send(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process.Id}")]);
        kill.WaitForExit();
        Assert.That(kill.ExitCode, Is.Zero);
    }

    /// <summary>Waits for the end; the outcome's output is what was not yet read.</summary>
    public Outcome End()
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Assert.That(process.WaitForExit(Patience), Is.True, "the program hangs");
        return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
        process.Dispose();
    }

    static Process Start(string[] args, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "makemore.dll"));
        foreach (string argument in args)
        {
            start.ArgumentList.Add(argument);
        }
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes).ConfigureAwait(false);
        return bytes.ToArray();
    }
}
