using System.Diagnostics;
using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>A program that trains, and says its report in JSON at the end.</summary>
sealed class RunningProgram : IDisposable
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    readonly string name;
    readonly Process process;
    readonly Task<string> error;

    /// <summary>Starts the program.</summary>
    /// <param name="name">What it is, for messages.</param>
    /// <param name="start">The program.</param>
    public RunningProgram(string name, ProcessStartInfo start)
    {
        this.name = name;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        process = Process.Start(start)!;
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits until it writes a line.</summary>
    /// <exception cref="InvalidRequestException">It ended before.</exception>
    public void AwaitLine()
    {
        if (process.StandardOutput.ReadLine() is null)
        {
            throw Failed();
        }
    }

    /// <summary>Writes it a line.</summary>
    public void Continue() => process.StandardInput.WriteLine();

    /// <summary>Waits for its end.</summary>
    /// <returns>Its report.</returns>
    /// <exception cref="InvalidRequestException">It failed.</exception>
    public TrainingReport End()
    {
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<TrainingReport>(output, Json)! : throw Failed();
    }

    /// <summary>Ends it, where another one failed.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
        process.Dispose();
    }

    InvalidRequestException Failed() => new($"{name} failed: {error.Result.Trim()}");
}
