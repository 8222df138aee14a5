using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The losses of a model over the three splits, and over the new names of the test split.</summary>
static class EvaluateCommand
{
    const string Running = "running";
    const string Calibrated = "calibrated";
    const string Own = "own";

    static readonly Option<string?> Statistics = new("--statistics")
    {
        Description = "what BatchNorm normalizes by: the running statistics that the model holds, "
            + "statistics calibrated over the training split, or each split's own; as the recipe has it",
        HelpName = $"{Running}|{Calibrated}|{Own}",
        CompletionSources = { new[] { Running, Calibrated, Own } },
        CustomParser = result =>
        {
            string name = result.Tokens[0].Value.ToLowerInvariant();
            if (name is Running or Calibrated or Own)
            {
                return name;
            }
            result.Refuse(
                $"--statistics is '{result.Tokens[0].Value}'{Suggestion.For(name, [Running, Calibrated, Own])} and must be {Running}, "
                + $"{Calibrated} or {Own}");
            return null;
        },
    };

    static readonly Option<bool> Fold = new("--fold")
    {
        Description = "also the losses of the network with each BatchNorm folded into the linear layer before it, and the difference",
    };

    public static Command Create() =>
        new(
            "evaluate",
            "the losses of a model over the training, dev and test split, and over those names of test that do not stand in training, too")
        {
            CommonOptions.Run, CommonOptions.Model, DataOptions.OfFile, CommonOptions.Accelerator, Statistics, Fold,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        ModelFile model = FoundModel.Read(parsed.ValueOf(CommonOptions.Model, CommonOptions.Run), session);
        Dataset data = ModelData.Read(model, parsed.GetValue(DataOptions.Data), DataOptions.Resolve(parsed, model.NamesFormat), session);
        string? statistics = parsed.GetValue(Statistics);
        bool calibrate = MustCalibrate(model.Configuration.Recipe, statistics);
        bool fold = parsed.GetValue(Fold);
        if (fold && statistics == Own)
        {
            throw new InvalidRequestException(
                $"{Fold.Name} folds one set of statistics, and {Statistics.Name} {Own} has one for each split: leave one of them out");
        }
        if (fold)
        {
            BatchNormFolding.FoldedRecipe(model.Configuration.Recipe);
        }
        using var started = ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!);
        KernelSet kernels = started.Kernels;
        using Mlp network = model.Load(kernels);
        Strategy strategy = Strategy.Automatic(started.Accelerator.Device, network.Recipe, network.Vocabulary);
        if (calibrate)
        {
            using var progress = SlowWork.OfCalibration(session, network, data);
            Calibration.Calibrate(kernels, network, strategy, data.Train, progress, session.Cancellation);
        }
        SplitLosses losses = statistics == Own
            ? new SplitLosses(Calibration.LossesByOwnStatistics(kernels, network, strategy, data, session.Cancellation), null)
            : Evaluate(kernels, network, strategy, data, session);
        ModelData.CheckFinite(losses.Losses.Values, model.Step);
        SplitLosses? folded = null;
        if (fold)
        {
            using Mlp foldedNetwork = BatchNormFolding.Fold(kernels, network);
            var foldedStrategy = Strategy.Automatic(started.Accelerator.Device, foldedNetwork.Recipe, network.Vocabulary);
            folded = Evaluate(kernels, foldedNetwork, foldedStrategy, data, session);
        }
        foreach ((string split, double loss) in losses.Losses)
        {
            session.Text.WriteLine($"{split,-5}  {Format.Loss(loss)}{Folded(loss, folded?.Losses[split])}");
        }
        if (losses.LossOfNewTestNames is { } lossOfNew)
        {
            session.Text.WriteLine($"test, new names only  {Format.Loss(lossOfNew)}{Folded(lossOfNew, folded?.LossOfNewTestNames)}");
        }
        session.Result(folded is null ? losses : new { losses.Losses, losses.LossOfNewTestNames, Folded = folded });
        return 0;
    }

    static SplitLosses Evaluate(KernelSet kernels, Mlp network, Strategy strategy, Dataset data, Session session)
    {
        using var progress = SlowWork.OfEvaluation(session, data);
        using var evaluator = new Evaluator(kernels, network, strategy) { Progress = progress };
        return new SplitLosses(
            evaluator.Losses(data, session.Cancellation), evaluator.LossOfNewTestNames(data, session.Cancellation));
    }

    static string Folded(double loss, double? folded) =>
        folded is { } value ? $"   folded {Format.Loss(value)}   difference {Format.Difference(value - loss)}" : "";

    static bool MustCalibrate(Recipe recipe, string? asked) => (recipe.Normalization, asked) switch
    {
        (null or { Evaluation: EvaluationStatistics.None }, not null) =>
            throw new InvalidRequestException($"--statistics does not apply: the {recipe.Name} network of this model has no BatchNorm"),
        ({ Evaluation: EvaluationStatistics.Calibrated }, Running) =>
            throw new InvalidRequestException($"--statistics running is not there: the recipe {recipe.Name} stores calibrated statistics"),
        ({ Evaluation: EvaluationStatistics.Running }, Calibrated) => true,
        _ => false,
    };

    sealed record SplitLosses(IReadOnlyDictionary<string, double> Losses, double? LossOfNewTestNames);
}
