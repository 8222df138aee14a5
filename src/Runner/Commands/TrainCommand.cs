using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Display;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Names in, a trained model and new names out.</summary>
static class TrainCommand
{
    const int SampledNames = 20;

    static readonly Option<string?> Folder = new("--run") { Description = "the run folder; runs/RECIPE-N with the next free N", HelpName = "DIR" };
    static readonly Option<bool> Force = new("--force") { Description = "write into a run folder that exists" };
    static readonly Option<int?> LogEvery = CommandLine.Number<int>("--log-every", "write the loss of every N-th step to metrics.jsonl; 1");

    public static Command Create() =>
        new("train", "train a model: progress, the losses of the three splits, and new names; settings, losses and the model go to a run folder")
        {
            CommandLine.Data, NetworkOptions.All, CommandLine.Accelerator, StrategyOptions.All, Folder, Force, LogEvery,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        // Everything that can be wrong is found before anything is written.
        Recipe recipe = NetworkOptions.ResolveRecipe(parsed);
        int logEvery = parsed.GetValue(LogEvery) ?? 1;
        if (logEvery < 1)
        {
            throw new InvalidRequestException($"--log-every is {logEvery} and must be at least 1");
        }
        string path = parsed.GetValue(Folder) ?? RunFolder.NextFree(recipe.Name);
        RunFolder.CheckFree(path, parsed.GetValue(Force));
        NamesFile names = NamesLocation.Read(parsed.GetValue(CommandLine.Data));
        Dataset data = Dataset.Create(names, recipe.Context);
        Configuration configuration = NetworkOptions.Resolve(parsed, recipe, data);
        using AcceleratorCatalog catalog = AcceleratorCatalog.Open();
        FoundDevice device = catalog.Choose(parsed.GetValue(CommandLine.Accelerator)!);
        Strategy strategy = StrategyOptions.Resolve(parsed, device, recipe, data.Vocabulary.Count);
        using Accelerator accelerator = catalog.Start(device);
        var kernels = new KernelSet(accelerator);
        using var network = new Mlp(kernels, recipe, data.Vocabulary.Count);
        var generator = new TorchGenerator(configuration.Seed);
        network.Draw(generator);

        session.Text.WriteLine($"names        {NamesLocation.Describe(names, parsed.GetValue(CommandLine.Data))}");
        session.Text.WriteLine($"examples     {string.Join(", ", data.Splits.Select(part => $"{part.Name} {Format.Count(part.Split.Count)}"))}");
        session.Text.WriteLine($"accelerator  {device.Name}, {device.Description}");
        session.Text.WriteLine($"recipe       {recipe.Name}, {Format.Count(network.ParameterCount)} parameters, {Format.Count(configuration.Steps)} steps");

        using RunFolder folder = RunFolder.Create(path, Settings(configuration, names, device, strategy, logEvery), logEvery);
        session.Text.WriteLine($"run folder   {folder.Path}");
        var trainer = new Trainer(kernels, network, configuration, generator, strategy);
        TrainingProgress.Show(session, configuration.Steps, trainer, show => trainer.Run(
            data.Train,
            results =>
            {
                folder.Write(results);
                show(results);
            },
            session.Cancellation));

        if (recipe.Normalisation is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(kernels, network, data.Train);
        }
        ModelFile.Of(network, configuration, data, trainer.StepsDone).Write(folder.Model);
        if (session.Cancellation.IsCancellationRequested)
        {
            throw new InterruptedException($"interrupted after {Format.Count(trainer.StepsDone)} steps: the model as it is stands in {folder.Model}");
        }

        if (trainer.StepsPerSecond > 0)
        {
            session.Text.WriteLine($"speed        {Format.Count((long)trainer.StepsPerSecond)} steps/s");
        }
        session.Text.WriteLine($"model        {folder.Model}");
        using var evaluator = new Evaluator(kernels, network, strategy);
        IReadOnlyDictionary<string, double> losses = evaluator.Losses(data, session.Cancellation);
        session.Text.WriteLine($"losses       {string.Join(", ", losses.Select(loss => $"{loss.Key} {Format.Loss(loss.Value)}"))}");
        session.Text.WriteLine();
        var sampler = new Sampler(kernels, network, data.Vocabulary, strategy);
        foreach (string name in sampler.Sample(SampledNames))
        {
            session.Text.WriteLine(name);
        }
        session.Result(new
        {
            Steps = trainer.StepsDone,
            Losses = losses,
            trainer.StepsPerSecond,
            Accelerator = device.Name,
            Strategy = strategy.Name,
            folder.Model,
            folder.Metrics,
        });
        return 0;
    }

    // The configuration, and what lies outside of the model.
    static string Settings(Configuration configuration, NamesFile names, FoundDevice device, Strategy strategy, int logEvery)
    {
        JsonNode settings = JsonNode.Parse(configuration.ToJson())!;
        settings["data_source"] = names.Source;
        settings["data_sha256"] = names.Sha256;
        settings["accelerator"] = device.Name;
        settings["strategy"] = strategy.Name;
        settings["threads"] = strategy.Threads;
        settings["log_every"] = logEvery;
        return settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }
}
