using System.Diagnostics;
using System.Globalization;
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
    NetworkResult? best;
    long trained;
    long left;

    /// <summary>Works, and shows it.</summary>
    /// <param name="bestSoFar">The best network of before.</param>
    /// <param name="endedSoFar">How many networks have ended before.</param>
    /// <param name="work">The work.</param>
    public void Show(NetworkResult? bestSoFar, int endedSoFar, Action work)
    {
        (best, ended) = (bestSoFar, endedSoFar);
        time.Start();
        if (!session.IsTerminal)
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
    public void Skip(long steps) => left -= steps;

    /// <inheritdoc/>
    public void Report(int value)
    {
        trained += value;
        left -= value;
        Refresh();
    }

    /// <summary>Says that a network has ended.</summary>
    /// <param name="bestSoFar">The best one so far.</param>
    /// <param name="endedSoFar">How many have ended.</param>
    public void Ended(NetworkResult? bestSoFar, int endedSoFar)
    {
        (best, ended) = (bestSoFar, endedSoFar);
        Refresh();
    }

    void Refresh()
    {
        if (bar is not null)
        {
            bar.Value = trained / Math.Max(1.0, trained + Math.Max(0, left));
            bar.Description = Markup.Escape(Line);
        }
        else if (!session.IsTerminal && time.Elapsed >= nextLine)
        {
            WriteLine();
            nextLine = time.Elapsed + BetweenLines;
        }
    }

    void WriteLine() => session.Text.WriteLine(Line);

    string Line
    {
        get
        {
            double speed = trained / time.Elapsed.TotalSeconds;
            string lowest = best is null
                ? ""
                : $"   best dev {Format.Loss(best.Outcome.DevLoss)} ({string.Join(", ", best.Network.Settings.Select(setting =>
                    $"{setting.Name}={setting.Value}"))})";
            string rest = left > 0 && speed > 0 ? $"   {Format.Duration(TimeSpan.FromSeconds(Math.Min(left / speed, 1e9)))} left" : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Format.Count(ended)} of {Format.Count(networks)} networks   {Format.Count((long)speed)} steps/s{lowest}{rest}");
        }
    }
}
