using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Live;

/// <summary>
/// What a page shows of a run, from its first step on, in memory that does not grow with it. Training adds to it, and waits for nobody.
/// </summary>
sealed class RunHistory
{
    const int MostEntries = 1000;

    // Means of a curve, and the steps of a mean at most.
    const int Means = 50;
    const int MeanOfSteps = 1000;

    readonly Lock gate = new();
    readonly LossBins losses = new();
    readonly Sparse<(double Step, double Loss)> dev = new(MostEntries);
    readonly Sparse<WatchedStep> looks = new(MostEntries);
    readonly List<(int Step, double Rate)> rates = [];

    Configuration? configuration;
    StepResult? last;
    (double Step, double Loss)? bestDev;
    double stepsPerSecond;
    string saturation = "";
    string namesFrom = "";
    IReadOnlyList<Word> names = [];
    IReadOnlyDictionary<string, double> splits = new Dictionary<string, double>();
    int stepsShown;
    string? end;

    /// <summary>Counts the changes.</summary>
    public long Version { get; private set; }

    /// <summary>Says what is trained.</summary>
    /// <param name="settings">The settings.</param>
    public void Begin(Configuration settings) => Change(() => configuration = settings);

    /// <summary>Adds the results of some steps.</summary>
    /// <param name="results">The steps; none changes nothing.</param>
    /// <param name="speed">The speed so far, in steps a second; 0 where it is not known.</param>
    public void Add(IReadOnlyList<StepResult> results, double speed) => Change(() =>
    {
        losses.Add(results);
        foreach (StepResult result in results)
        {
            if (result.DevLoss is { } loss)
            {
                AddDev(result.Step, loss);
            }
            if (rates.Count == 0 || rates[^1].Rate != result.LearningRate)
            {
                rates.Add((result.Step, result.LearningRate));
            }
            last = result;
        }
        stepsPerSecond = speed;
    });

    /// <summary>Adds a look into the network.</summary>
    /// <param name="look">What was seen.</param>
    /// <param name="condition">When a value of an activation is saturated; nothing where there are none.</param>
    public void Add(WatchedStep look, string condition) => Change(() =>
    {
        looks.Add(look);
        saturation = condition;
    });

    /// <summary>Shows names in place of those before.</summary>
    /// <param name="drawn">The names.</param>
    /// <param name="step">The steps after which the network was as it drew them.</param>
    public void Show(ShownNames drawn, int step) => Change(() =>
    {
        names = [.. drawn.Shown.Select(name => new Word(ShownText.Line(name.Name), drawn.Mark(name)))];
        namesFrom = $"drawn after {Format.Count(step)} steps";
    });

    /// <summary>Shows the losses of the splits.</summary>
    /// <param name="means">The losses by split.</param>
    /// <param name="step">The steps after which the network was so.</param>
    public void Show(IReadOnlyDictionary<string, double> means, int step) => Change(() =>
    {
        splits = means;
        stepsShown = step;
        AddDev(step, means["dev"]);
    });

    /// <summary>Says that the run is over. What is said first stays.</summary>
    /// <param name="how">How it ended, as a sentence.</param>
    public void End(string how) => Change(() => end ??= ShownText.Line(how));

    /// <summary>What there is to show now.</summary>
    public RunView View()
    {
        lock (gate)
        {
            return new RunView(
                configuration is null ? "" : ShownText.Short(configuration.Recipe.Name), Status(), end is not null, Done(), [.. Facts()],
                configuration is null || last is null ? [] : [.. Charts(configuration, last.Value)], names, namesFrom);
        }
    }

    void Change(Action change)
    {
        lock (gate)
        {
            change();
            Version++;
        }
    }

    void AddDev(int step, double loss)
    {
        dev.Add((step, loss));
        bestDev = bestDev is { } best && !(loss < best.Loss) ? best : (step, loss);
    }

    // Of a long run not every step is written down, and so known.
    int StepsDone => Math.Max(stepsShown, last is { } result ? result.Step + 1 : 0);

    double Done() => configuration is { Steps: > 0 } ? (double)StepsDone / configuration.Steps : 0;

    string Status() => end
        ?? (last is null ? "begins" : StepsDone < configuration?.Steps ? "trains" : "measures the losses of the splits");

    IEnumerable<Fact> Facts()
    {
        if (configuration is not { } settings || last is not { } result)
        {
            yield break;
        }
        yield return new Fact("steps", Format.Count(StepsDone), $"of {Format.Count(settings.Steps)}");
        if (splits.Count > 0)
        {
            foreach ((string split, double loss) in splits)
            {
                yield return new Fact($"{split} loss", Format.Loss(loss));
            }
        }
        else
        {
            LossBin recent = Recent();
            yield return new Fact(
                "training loss", Format.Loss(recent.Mean), recent.Count > 1 ? $"mean of {Format.Count(recent.Count)}" : "");
            if (dev.ToArray() is [.., var measured])
            {
                yield return new Fact("dev loss", Format.Loss(measured.Loss), $"lowest {Format.Loss(bestDev!.Value.Loss)}");
            }
        }
        yield return new Fact("learning rate", result.LearningRate.ToString(CultureInfo.InvariantCulture));
        if (stepsPerSecond > 0)
        {
            yield return new Fact("speed", Format.Count((long)stepsPerSecond), "steps/s");
            if (end is null)
            {
                yield return new Fact("time left", Format.Duration((settings.Steps - StepsDone) / stepsPerSecond));
            }
        }
    }

    LossBin Recent()
    {
        LossBin[] bins = losses.ToArray();
        return bins.Length == 0
            ? new LossBin(0, 1, double.NaN, 0, 0)
            : bins.Reverse().Aggregate((later, earlier) => later.Count < MeanOfSteps ? earlier.With(later) : later);
    }

    IEnumerable<Chart> Charts(Configuration settings, StepResult result)
    {
        Moment[] drop = RunCharts.Drop(settings, result.Step);
        yield return RunCharts.Losses("loss", "Loss", [.. LossSeries()]) with
        {
            Moments = drop,
            Across = new Extent(0, null),
        };
        WatchedStep[] seen = looks.ToArray();
        double[] steps = [.. seen.Select(look => (double)look.Step)];
        if (seen.Length > 0)
        {
            yield return RunCharts.Updates(
                "update-to-data", "Update to data", steps,
                seen[0].UpdateToData.Keys.Select(matrix =>
                    (matrix, (IReadOnlyList<double>)[.. seen.Select(look => look.LogUpdateToData(matrix))]))) with
            {
                Moments = drop,
            };
        }
        if (seen.Length > 0 && seen[0].Saturated.Count > 0)
        {
            yield return new Chart(
                "saturation", "Saturation", "step", $"% of the values with {saturation}",
                [
                    .. seen[0].Saturated.Keys.Select(layer => new Series(
                        string.Create(CultureInfo.InvariantCulture, $"layer {layer}"), steps,
                        [.. seen.Select(look => 100 * look.Saturated[layer])])),
                ])
            {
                Upward = new Extent(0, null),
            };
        }
        yield return new Chart("rate", "Learning rate", "step", "rate", [RateSeries(result.Step)]) { Upward = new Extent(0, null) };
    }

    IEnumerable<Series> LossSeries()
    {
        LossBin[] bins = losses.ToArray();
        int joined = Math.Max(1, Math.Min(bins.Length / Means, MeanOfSteps / (bins.Length == 0 ? 1 : bins[0].Count)));
        LossBin[] means = [.. bins.Chunk(joined).Select(chunk => chunk.Aggregate((sum, bin) => sum.With(bin)))];
        double[] steps = [.. bins.SelectMany(bin => bin.Count == 1 ? (double[])[bin.Step] : [bin.Middle, bin.Middle])];
        double[] raw = [.. bins.SelectMany(bin => bin.Count == 1 ? (double[])[bin.Low] : [bin.Low, bin.High])];
        yield return new Series("each step", steps, raw, SeriesStyle.Faint);
        int count = means.Length == 0 ? 1 : means[0].Count;
        yield return new Series(
            count == 1 ? "training" : $"mean over {Format.Count(count)} steps", [.. means.Select(bin => bin.Middle)],
            [.. means.Select(bin => bin.Mean)]);
        if (dev.ToArray() is { Length: > 0 } measured)
        {
            yield return new Series("dev", [.. measured.Select(point => point.Step)], [.. measured.Select(point => point.Loss)]);
        }
    }

    Series RateSeries(int lastStep)
    {
        (double Step, double Rate)[] ends =
        [
            .. rates.SelectMany((rate, i) => new (double, double)[]
            {
                (rate.Step, rate.Rate), (i + 1 < rates.Count ? rates[i + 1].Step : lastStep, rate.Rate),
            }),
        ];
        return new Series("rate", [.. ends.Select(end => end.Step)], [.. ends.Select(end => end.Rate)]);
    }
}
