using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using TorchSharp;

namespace Makemore.Gpu.Torch;

/// <summary>Trains with TorchSharp, and says how fast.</summary>
static class TrainCommand
{
    static readonly Option<string> Backward = new Option<string>("--backward")
    {
        Description = "who makes the gradients: torch, or formulas written out",
        DefaultValueFactory = _ => "autograd",
    }.AcceptOnlyFromAmong("autograd", "manual");

    static readonly Option<string> RecipeName = CommandLine.RecipeName(Recipe.Default.Name);
    static readonly Option<int?> Batch = new("--batch") { Description = "examples of a step" };
    static readonly Option<string?> Hidden = new("--hidden") { Description = "units of each hidden layer, with commas between them" };
    static readonly Option<int?> Steps = new("--steps") { Description = "steps of training" };
    static readonly Option<int> Threads =
        new("--threads") { Description = "torch's threads", DefaultValueFactory = _ => Environment.ProcessorCount };
    static readonly Option<bool> Wait = new("--wait")
    {
        Description = "before the first step that is timed, write a line and wait for one: several processes can so begin at once",
    };

    static readonly Option<string?> LossesFile = new("--losses") { Description = "a file for the loss of every step, as CSV" };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("train", "trains a recipe, and says how fast")
        {
            Backward, RecipeName, CommandLine.Data, Batch, Hidden, Steps, Threads, Wait, CommandLine.Seed, LossesFile, CommandLine.Json,
        };
        command.SetAction(Run);
        return command;
    }

    static void WaitForLine()
    {
        Console.WriteLine("ready");
        Console.ReadLine();
    }

    static int Run(ParseResult parsed)
    {
        var recipe = Recipe.Named(parsed.GetValue(RecipeName)!);
        recipe = recipe with
        {
            Batch = parsed.GetValue(Batch) ?? recipe.Batch,
            Hidden = parsed.GetValue(Hidden)?.Split(',')
                .Select(width => int.Parse(width, CultureInfo.InvariantCulture)).ToArray() ?? recipe.Hidden,
        };
        Dataset data = CommandLine.ReadData(parsed, recipe.Context);
        var configuration = Configuration.Resolve(
            recipe, data.Train.Count, parsed.GetValue(Steps), seed: parsed.GetValue(CommandLine.Seed));
        SizeLimits.Check(configuration, data.Vocabulary.Count);
        if (configuration.Steps <= TrainingLoop.WarmUpSteps)
        {
            throw new InvalidRequestException($"--steps must be more than {TrainingLoop.WarmUpSteps}, which are not timed");
        }

        torch.set_num_threads(parsed.GetValue(Threads));
        using var generator = new torch.Generator(configuration.Seed, torch.CPU);
        var network = new Network(recipe, data.Vocabulary.Count, generator, configuration.NormalizationSeed);
        ITrainingStep step = parsed.GetValue(Backward) == "manual" ? new ManualStep(network) : new AutogradStep(network);
        var loop = new TrainingLoop(step, configuration, generator) { Begin = parsed.GetValue(Wait) ? WaitForLine : null };
        using var examples = new TensorSplit(data.Train);
        loop.Run(examples);

        if (parsed.GetValue(LossesFile) is { } file)
        {
            File.WriteAllLines(file, loop.Losses.Select((loss, i) => FormattableString.Invariant($"{i},{loss}")).Prepend("step,loss"));
        }
        var result = new
        {
            Steps = loop.Losses.Count,
            loop.StepsPerSecond,
            Threads = torch.get_num_threads(),
            Backward = parsed.GetValue(Backward),
            FinalLoss = loop.Losses[^1],
        };
        Console.WriteLine(parsed.GetValue(CommandLine.Json)
            ? CommandLine.ToJson(result)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Backward}, {result.Threads} threads: {result.Steps} steps, "
                + $"{result.StepsPerSecond:0} steps/s, last loss {result.FinalLoss}"));
        return 0;
    }
}
