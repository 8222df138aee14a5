using System.Diagnostics;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Shows how far a sweep is: what moves on a terminal, a line now and then elsewhere.</summary>
/// <param name="session">Where to show it.</param>
/// <param name="networks">The networks of the sweep.</param>
sealed class SweepProgress(Session session, int networks) : IProgress<int>
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    readonly Stopwatch time = new();
    TimeSpan nextLine = BetweenLines;
    ProgressTask? bar;
    int ended;
    // Several accelerators report.
    readonly Lock gate = new();
    NetworkResult? best;
    Func<double> stepsPerSecond = () => 0;
    long left;

    /// <summary>The steps of all networks so far.</summary>
    public long Trained { get; private set; }

    /// <summary>Works, and shows it.</summary>
    /// <param name="bestSoFar">The best network of before; null where there is none.</param>
    /// <param name="endedSoFar">How many networks have ended before.</param>
    /// <param name="speed">The steps of all networks in a second, so far.</param>
    /// <param name="work">The work.</param>
    public void Show(NetworkResult? bestSoFar, int endedSoFar, Func<double> speed, Action work)
    {
        (best, ended, stepsPerSecond) = (bestSoFar, endedSoFar, speed);
        time.Start();
        if (!session.ShowsProgress)
        {
            work();
            WriteLine();
            return;
        }
        ProgressColumn[] columns =
            [new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }];
        session.Tables.Progress().Columns(columns).Start(context =>
        {
            bar = context.AddTask("first steps", maxValue: 1);
            work();
        });
    }

    /// <summary>Says how many steps of all networks come next.</summary>
    /// <param name="steps">The steps, those included that were done before.</param>
    public void Expect(long steps) => left = steps;

    /// <summary>Says that some of these were done before.</summary>
    /// <param name="steps">The steps.</param>
    public void Skip(long steps)
    {
        lock (gate)
        {
            left -= steps;
        }
    }

    /// <inheritdoc/>
    public void Report(int value)
    {
        lock (gate)
        {
            Trained += value;
            left -= value;
            Refresh();
        }
    }

    /// <summary>Says that a network has ended.</summary>
    /// <param name="bestSoFar">The best network so far.</param>
    /// <param name="endedSoFar">How many have ended.</param>
    public void Ended(NetworkResult? bestSoFar, int endedSoFar)
    {
        lock (gate)
        {
            (best, ended) = (bestSoFar, endedSoFar);
            Refresh();
        }
    }

    void Refresh()
    {
        if (bar is not null)
        {
            bar.Value = Trained / Math.Max(1.0, Trained + Math.Max(0, left));
            bar.Description = Markup.Escape(Line);
        }
        else if (!session.ShowsProgress && time.Elapsed >= nextLine)
        {
            WriteLine();
            nextLine = time.Elapsed + BetweenLines;
        }
    }

    void WriteLine()
    {
        if (!session.IsQuiet)
        {
            session.Text.WriteLine(Line);
        }
    }

    string Line
    {
        get
        {
            // The time left is that of the losses of the splits, too.
            double perSecond = Trained / time.Elapsed.TotalSeconds;
            string speed = Trained == 0 ? "" : $"   {Format.Count((long)stepsPerSecond())} steps/s";
            string lowest = best is { } lowestSoFar
                ? $"   best dev {Format.Loss(lowestSoFar.Outcome.DevLoss)} ({string.Join(", ", lowestSoFar.Network.Settings)})"
                : "";
            string rest = left > 0 && Trained > 0
                ? $"   {Format.Duration(left / perSecond)} left"
                : "";
            return $"{Format.Count(ended)} of {Format.Counted(networks, "network")}{speed}{lowest}{rest}";
        }
    }
}
