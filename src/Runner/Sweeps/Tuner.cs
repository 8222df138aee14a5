using System.CommandLine;
using System.Diagnostics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// Tries settings before a training, by successive halving: all are trained for a 64th of the steps, the best quarter for four times as
/// many, and the best quarter of these to the end, beside the settings of the call. Each of these trainings begins anew, with a drop of the
/// learning rate of its own, since a rate is judged by what it leaves after the drop. Short trainings favor high rates, and do not tell
/// what keeps a long one from learning names by heart: so settings with an L2 loss compete among themselves, and those without, and of each
/// those with a rate above the call's, and the others.
/// </summary>
sealed class Tuner
{
    /// <summary>The fewest steps of a training that can be tuned.</summary>
    public const int FewestSteps = 64;

    // Running statistics are those of about the last tenth of a training, however short it is.
    const double StepsOfStatistics = 0.1;

    readonly Session session;
    readonly PlannedRun planned;
    readonly ParallelTrainer trainer;
    readonly Func<Recipe, int, Strategy> strategyFor;

    Tuner(ParseResult parsed, Session session, PlannedRun planned, IProgress<int> progress)
    {
        this.session = session;
        this.planned = planned;
        strategyFor = (recipe, vocabulary) => StrategyOptions.Resolve(parsed, planned.Started, recipe, vocabulary);
        trainer = new ParallelTrainer(planned.Started.Kernels, strategyFor, StrategyOptions.ThreadsOf(parsed)) { Progress = progress };
    }

    Configuration Own => planned.Settings.Configuration;

    Dataset Data => planned.Data;

    /// <summary>Tries settings.</summary>
    /// <param name="parsed">The call of <c>train</c>; the settings that it gives stay.</param>
    /// <param name="session">Where to show how far it is.</param>
    /// <param name="planned">The training of the call without tuning.</param>
    /// <exception cref="InvalidRequestException">There is nothing to try.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static Tuning Run(ParseResult parsed, Session session, PlannedRun planned)
    {
        int steps = planned.Settings.Configuration.Steps;
        if (steps < FewestSteps)
        {
            throw new InvalidRequestException(
                $"--tune tries settings for a {FewestSteps}th of the steps, and --steps is {steps}: use at least {FewestSteps}");
        }
        IReadOnlyList<Setting> given = SweepRequest.Of(parsed).Fixed;
        if (TuningDesign.Names.All(name => given.Any(setting => setting.Name == name)))
        {
            throw new InvalidRequestException(
                $"--tune has nothing left to try: leave out one of --{string.Join(", --", TuningDesign.Names):whole}");
        }
        using var progress = SlowWork.Of(session, "settings tried", total: 6L * steps);
        return new Tuner(parsed, session, planned, progress).Run(given);
    }

    Tuning Run(IReadOnlyList<Setting> given)
    {
        var time = Stopwatch.StartNew();
        IReadOnlyList<TriedSettings> left = [.. Design(given)];
        TriedSettings own = left[0];
        var ended = new List<TriedSettings>();
        foreach (int steps in new[] { Own.Steps / FewestSteps, 4 * (Own.Steps / FewestSteps) })
        {
            IReadOnlyList<TriedSettings> trained = Train(left, steps);
            left = [.. trained.GroupBy(BracketOf).SelectMany(BestQuarter)];
            ended.AddRange(trained.Except(left));
        }
        ended.RemoveAll(tried => tried.IsDefault);
        ended.AddRange(Train([own, .. left.Where(tried => !tried.IsDefault)], Own.Steps));
        return new Tuning(
            [.. ended.OrderByDescending(tried => tried.Steps).ThenBy(tried => tried.DevLoss)], time.Elapsed.TotalSeconds);
    }

    (bool HasL2, bool IsFast) BracketOf(TriedSettings tried) =>
        (tried.Recipe.L2.Count > 0, tried.Recipe.LearningRate > Own.Recipe.LearningRate);

    static IEnumerable<TriedSettings> BestQuarter(IEnumerable<TriedSettings> settings) => SuccessiveHalving.BetterHalf(
        SuccessiveHalving.BetterHalf([.. settings], tried => tried.DevLoss), tried => tried.DevLoss);

    // What the device or the strategy cannot have is not tried.
    IEnumerable<TriedSettings> Design(IReadOnlyList<Setting> given)
    {
        foreach (IReadOnlyList<Setting> settings in TuningDesign.Of(
            Own.Recipe, Data.Vocabulary.Count, [.. given.Select(setting => setting.Name)]))
        {
            Recipe recipe;
            try
            {
                recipe = new NetworkCall(given, settings).Resolve(_ => Data).Recipe;
                strategyFor(recipe, Data.Vocabulary.Count);
            }
            catch (InvalidRequestException)
            {
                continue;
            }
            yield return new TriedSettings(settings, recipe, 0, double.PositiveInfinity);
        }
    }

    IReadOnlyList<TriedSettings> Train(IReadOnlyList<TriedSettings> settings, int steps)
    {
        double[] losses = DevLosses(
            [.. settings.Select(tried => steps == Own.Steps ? Own with { Recipe = tried.Recipe } : Short(tried.Recipe, steps))]);
        return [.. settings.Zip(losses, (tried, loss) => tried with { Steps = steps, DevLoss = loss })];
    }

    Configuration Short(Recipe recipe, int steps) => Own with
    {
        Steps = steps,
        DropAt = (int)((long)Own.DropAt * steps / Own.Steps),
        Recipe = recipe with
        {
            Normalization = recipe.Normalization is { Evaluation: not EvaluationStatistics.None } batch
                ? batch with
                {
                    Evaluation = EvaluationStatistics.Running,
                    Momentum = Math.Max(batch.Momentum, Math.Min(1, 1 / (StepsOfStatistics * steps))),
                }
                : recipe.Normalization,
        },
    };

    double[] DevLosses(IReadOnlyList<Configuration> networks)
    {
        double[] losses = new double[networks.Count];
        foreach (IReadOnlyList<int> wave in trainer.Waves(
            Enumerable.Range(0, networks.Count), i => (networks[i], Data.Vocabulary.Count)))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            NetworkRun[] runs = [.. wave.Select(i => NetworkRun.Draw(planned.Started.Kernels, networks[i], Data.Vocabulary.Count))];
            try
            {
                trainer.Train(runs, Data, until: null, session.Cancellation);
                session.Cancellation.ThrowIfCancellationRequested();
                foreach ((int i, NetworkRun run) in wave.Zip(runs))
                {
                    losses[i] = DevLoss(run);
                }
            }
            finally
            {
                Array.ForEach(runs, run => run.Dispose());
            }
        }
        return losses;
    }

    double DevLoss(NetworkRun run) =>
        !run.HasDiverged
        && trainer.Evaluate(run, Data, [NetworkOutcome.Dev], session.Cancellation)[NetworkOutcome.Dev] is var loss && double.IsFinite(loss)
            ? loss
            : double.PositiveInfinity;
}
