using System.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Display;

/// <summary>
/// Shows on a terminal how far the trainings of an experiment are; nothing where it is soon done, or where there is no terminal.
/// </summary>
/// <param name="terminal">The terminal; null where there is none.</param>
sealed class SlowRuns(IAnsiConsole? terminal) : IProgress<RunProgress>, IDisposable
{
    readonly Stopwatch time = Stopwatch.StartNew();
    readonly TaskCompletionSource end = new();
    Task? shown;
    StatusContext? status;

    /// <summary>How long nothing is shown.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The trainings of a call of the program.</summary>
    /// <param name="session">The call.</param>
    public static SlowRuns Of(Session session) => new(session.ShowsProgress ? session.Tables : null);

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        string text = $"{value.Recipe}, step {Format.Count(value.Step)} of {Format.Count(value.Steps)}";
        if (shown is null && terminal is not null && time.Elapsed >= Patience)
        {
            shown = terminal.Status().StartAsync(text, context =>
            {
                status = context;
                return end.Task;
            });
        }
        status?.Status = text;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        end.TrySetResult();
        shown?.GetAwaiter().GetResult();
    }
}
