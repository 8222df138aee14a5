using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>What a program answers when its turn is over: one of the three.</summary>
/// <param name="PerSecond">The rate of the round.</param>
/// <param name="Refused">Why the program or the device cannot do it, which is no fault.</param>
/// <param name="Error">What went wrong.</param>
sealed record Answer(double? PerSecond = null, string? Refused = null, string? Error = null)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The answer as a line of JSON.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads an answer.</summary>
    /// <param name="line">The line.</param>
    public static Answer FromLine(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Answer>(line, Json)!;
        }
        catch (JsonException)
        {
            return new Answer(Error: $"no answer: {line}");
        }
    }
}

/// <summary>
/// A program that takes turns with others: it waits for a call on its standard input, measures for a round, and answers. What it has
/// prepared stays prepared. One that hangs or ends is started anew with its next turn.
/// </summary>
/// <param name="start">The program.</param>
/// <param name="log">Where its standard error goes.</param>
sealed class Contestant(ProcessStartInfo start, Log log) : IDisposable
{
    Process? process;

    /// <summary>Measures one round.</summary>
    /// <param name="call">What to measure.</param>
    /// <param name="limit">When it is given up.</param>
    public Answer Measure(string call, TimeSpan limit)
    {
        log.Write($"$ {call}");
        Answer answer = Ask(call, limit);
        log.Write(answer.ToLine());
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (process is not null)
        {
            Child.Kill(process);
            process.Dispose();
            process = null;
        }
    }

    Answer Ask(string call, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            process ??= Begin();
            process.StandardInput.WriteLine(call);
            process.StandardInput.Flush();
            while (clock.Elapsed < limit)
            {
                Task<string?> reading = process.StandardOutput.ReadLineAsync();
                if (!reading.Wait(limit - clock.Elapsed))
                {
                    break;
                }
                switch (reading.Result)
                {
                    case null:
                        Dispose();
                        return new Answer(Error: "the program ended");
                    // What else a library prints is no answer.
                    case ['{', ..] line:
                        return Answer.FromLine(line);
                }
            }
            Dispose();
            return new Answer(Error: $"no answer after {limit.TotalSeconds:0} s");
        }
        catch (Exception fault) when (fault is IOException or Win32Exception)
        {
            Dispose();
            return new Answer(Error: $"the program ended: {fault.Message}");
        }
    }

    Process Begin()
    {
        Process started = Process.Start(start)!;
        started.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                log.Write(text);
            }
        };
        started.BeginErrorReadLine();
        return started;
    }
}
