using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Names in, a trained model and new names out.</summary>
static class TrainCommand
{
    const int SampledNames = 20;

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "the run folder; runs/RECIPE-N with the next free N",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a run folder that exists" };

    static readonly Option<int?> LogEvery = CommonOptions.Number<int>(
        "--log-every", "write the loss of every N-th step to metrics.jsonl; 1");

    static readonly Option<bool> Watch = new("--watch")
    {
        Description = "look at the network 100 times: show its saturation and its update:data ratios as they move, "
            + "and write them to diagnostics.jsonl",
    };

    public static Command Create() =>
        new(
            "train",
            "train a model: progress, the losses of the three splits, and new names; "
            + "settings, losses and the model go to a run folder")
        {
            DataOptions.All, NetworkOptions.All, CommonOptions.Accelerator, StrategyOptions.All, Folder, Force, LogEvery, Watch,
            ProgressOptions.All,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        int logEvery = parsed.GetValue(LogEvery) ?? 1;
        if (logEvery < 1)
        {
            throw new InvalidRequestException($"--log-every is {logEvery} and must be at least 1");
        }
        using var job = new TrainingJob(parsed, session, parsed.GetValue(Folder), parsed.GetValue(Force), logEvery, parsed.GetValue(Watch));
        TrainingOutcome outcome = job.Train();
        IReadOnlyDictionary<string, double> losses = Evaluate(job, session);
        string means = string.Join(", ", losses.Select(loss => $"{loss.Key} {Format.Loss(loss.Value)}"));
        session.Text.WriteLine($"losses       {means} (means of the splits after {Format.Count(outcome.Steps)} steps)");
        session.Text.WriteLine($"look inside  makemore inspect --run {outcome.Folder}");
        session.Text.WriteLine();
        var sampler = new Sampler(job.Kernels, job.Network, job.Data.Vocabulary, job.Strategy);
        var names = new ShownNames(isKnownTold: true);
        string?[] lines = [.. SampledName.Mark(sampler.Sample(SampledNames), job.Data.KnownNames).Select(names.Add)];
        foreach (string line in lines.OfType<string>().Concat(["", .. names.Summary]))
        {
            session.Text.WriteLine(line);
        }
        session.Result(new
        {
            outcome.Steps,
            Losses = losses,
            outcome.StepsPerSecond,
            Accelerator = job.Device.Name,
            Strategy = job.Strategy.Name,
            outcome.Model,
            outcome.Metrics,
        });
        return 0;
    }

    static IReadOnlyDictionary<string, double> Evaluate(TrainingJob job, Session session)
    {
        using var progress = SlowWork.OfEvaluation(session, job.Data);
        using var evaluator = new Evaluator(job.Kernels, job.Network, job.Strategy) { Progress = progress };
        return evaluator.Losses(job.Data, session.Cancellation);
    }
}
