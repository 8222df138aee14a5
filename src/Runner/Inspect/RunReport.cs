using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>All diagnostics of a run: on the terminal, as pictures, and as a page in its folder.</summary>
static class RunReport
{
    const int SampledNames = 20;

    /// <summary>Looks into a network, and shows what is there.</summary>
    /// <param name="session">Where to show it.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="strategy">In which form to evaluate.</param>
    /// <param name="network">The network.</param>
    /// <param name="data">The names that it was trained on.</param>
    /// <param name="run">Its run.</param>
    /// <returns>The losses of the splits by name.</returns>
    public static IReadOnlyDictionary<string, double> Write(
        Session session, KernelSet kernels, Strategy strategy, Mlp network, Dataset data, FinishedRun run)
    {
        Configuration configuration = run.Model.Configuration;
        int step = run.Model.Step;
        int[] batch = BatchSequence.BatchAfter(kernels, configuration, data, step, session.Cancellation);
        using var inspector = new Inspector(kernels, network, data.Train);
        Inspection inspection = inspector.Inspect(batch, step);
        float learningRate = configuration.LearningRate(step);
        Dictionary<string, double> updatedRatios = inspector.Matrices.ToDictionary(
            matrix => matrix.Name, matrix => inspector.GradientToUpdatedData(matrix, learningRate));
        session.Cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<StatisticsComparison> statistics = network.Recipe.Normalization is { Evaluation: EvaluationStatistics.Running }
            ? Compare(session, kernels, strategy, network, data)
            : run.Calibration;
        IReadOnlyDictionary<string, double> losses = Evaluate(session, kernels, strategy, network, data);
        ShownNames names = Sample(kernels, strategy, network, data.Vocabulary, run.Model.KnownNames ?? data.KnownNames);
        var characters = EmbeddingMap.Of(network.Table);
        WatchedStep[] looks = [.. run.Looks, inspection.Watched(learningRate)];

        string subject = $"{ShownText.Short(network.Recipe.Name)} after {Format.Counted(step, "step")}";
        Section[] sections =
        [
            RunSections.Summary(run, losses, names),
            SettingsSection.Of(run),
            LogitsSection.Of(inspection, network.Recipe.Batch, data.Vocabulary),
            InspectionSections.Activations(inspection),
            InspectionSections.Gradients(inspection),
            InspectionSections.Weights(inspection, updatedRatios),
            .. CharactersSection.Of(characters, data.Vocabulary),
            RunSections.UpdateToData(looks, configuration),
            .. InspectionSections.SaturatedOutputs(inspection),
            .. RunSections.Statistics(statistics, network.Recipe.Normalization),
        ];
        var page = new Page($"Recipe {subject}", sections) { Subject = subject };
        PageFiles files = PageFiles.Write(session, page, run.Path);
        session.Result(new
        {
            Run = run.Path,
            inspection.Step,
            inspection.Loss,
            inspection.Logits,
            Losses = losses,
            inspection.Layers,
            inspection.Weights,
            Characters = characters,
            GradientToUpdatedData = updatedRatios,
            UpdateToData = looks,
            Statistics = statistics,
            Names = names.All.Select(name => new
            {
                name.Name,
                IsNew = name.KnownIn is null,
                Known = name.KnownIn,
                name.IsRepeat,
                IsHidden = names.Hides(name),
            }),
            files.Report,
            files.Pictures,
        });
        return losses;
    }

    static IReadOnlyList<StatisticsComparison> Compare(
        Session session, KernelSet kernels, Strategy strategy, Mlp network, Dataset data)
    {
        using var progress = SlowWork.OfCalibration(session, network, data);
        return Calibration.Compare(kernels, network, strategy, data.Train, progress, session.Cancellation);
    }

    /// <summary>The losses of the splits.</summary>
    /// <param name="session">Where to show how far it is.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="strategy">In which form to evaluate.</param>
    /// <param name="network">The network.</param>
    /// <param name="data">The names that it was trained on.</param>
    public static IReadOnlyDictionary<string, double> Evaluate(
        Session session, KernelSet kernels, Strategy strategy, Mlp network, Dataset data)
    {
        using var progress = SlowWork.OfEvaluation(session, data);
        using var evaluator = new Evaluator(kernels, network, strategy) { Progress = progress };
        IReadOnlyDictionary<string, double> losses = evaluator.Losses(data, session.Cancellation);
        ModelData.CheckFinite(losses.Values);
        return losses;
    }

    /// <summary>Names that the network makes up.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="strategy">In which form to run it.</param>
    /// <param name="network">The network.</param>
    /// <param name="vocabulary">Its vocabulary.</param>
    /// <param name="known">The names that it was trained on.</param>
    public static ShownNames Sample(KernelSet kernels, Strategy strategy, Mlp network, Vocabulary vocabulary, KnownNames known)
    {
        var names = new ShownNames(isKnownTold: true);
        foreach (SampledName name in SampledName.Mark(new Sampler(kernels, network, vocabulary, strategy).Sample(SampledNames), known))
        {
            names.Add(name);
        }
        return names;
    }
}
