using System.Diagnostics;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Display;

/// <summary>Shows on a terminal how far work is that takes long; nothing where it is soon done, or where there is no terminal.</summary>
/// <param name="text">Where lines go while nothing is shown.</param>
/// <param name="terminal">The terminal; null where there is none.</param>
/// <param name="what">What is counted.</param>
/// <param name="total">How many there are.</param>
sealed class SlowWork(TextWriter text, IAnsiConsole? terminal, string what, long total) : IProgress<int>, IDisposable
{
    readonly Stopwatch time = Stopwatch.StartNew();
    readonly TaskCompletionSource end = new();
    Task? shown;
    ProgressTask? bar;
    long done;

    /// <summary>How long nothing is shown.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The evaluation of all examples.</summary>
    /// <param name="session">The call of the program.</param>
    /// <param name="data">The data set.</param>
    public static SlowWork OfEvaluation(Session session, Dataset data) =>
        Of(session, "examples", data.Splits.Sum(part => (long)part.Split.Count));

    /// <summary>The calibration of a network's normalizations.</summary>
    /// <param name="session">The call of the program.</param>
    /// <param name="network">The network.</param>
    /// <param name="data">The data set, over whose training split the statistics are taken.</param>
    public static SlowWork OfCalibration(Session session, Mlp network, Dataset data) =>
        Of(session, "calibration", (long)data.Train.Count * network.Layers.Count(layer => layer is BatchNormalization));

    /// <summary>The work of a call of the program.</summary>
    /// <param name="session">The call.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="total">How many there are.</param>
    public static SlowWork Of(Session session, string what, long total) =>
        new(session.Text, session.ShowsProgress ? session.Tables : null, what, total);

    /// <summary>Says that some more are done.</summary>
    /// <param name="value">How many more, which may be 0.</param>
    public void Report(int value)
    {
        done += value;
        if (shown is null && terminal is not null && time.Elapsed >= Patience)
        {
            shown = terminal.Progress().AutoClear(true).StartAsync(context =>
            {
                bar = context.AddTask(what, maxValue: total);
                return end.Task;
            });
        }
        bar?.Value = done;
    }

    /// <summary>Writes a line, above what is shown.</summary>
    /// <param name="line">The line.</param>
    public void WriteLine(string line)
    {
        if (shown is null)
        {
            text.WriteLine(line);
        }
        else
        {
            terminal!.WriteLine(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        end.TrySetResult();
        shown?.GetAwaiter().GetResult();
    }
}
