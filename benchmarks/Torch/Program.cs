using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Torch;
using TorchSharp;

Option<string> backward = new("--backward")
{
    Description = "who makes the gradients: torch, or formulas written out",
    DefaultValueFactory = _ => "autograd",
};
backward.AcceptOnlyFromAmong("autograd", "manual");
Option<string> recipeName = new("--recipe") { Description = "batchnorm, backprop or deep-batchnorm", DefaultValueFactory = _ => "batchnorm" };
Option<string?> data = new("--data") { Description = "the names, one on each line; without it a list that comes with the program" };
Option<int?> batch = new("--batch") { Description = "examples of a step" };
Option<string?> hidden = new("--hidden") { Description = "units of each hidden layer, with commas between them" };
Option<int?> steps = new("--steps") { Description = "steps of training" };
Option<int> threads = new("--threads") { Description = "torch's threads", DefaultValueFactory = _ => Environment.ProcessorCount };
Option<ulong?> seed = new("--seed") { Description = "seed of all random numbers" };
Option<string?> lossesFile = new("--losses") { Description = "a file for the loss of every step, as CSV" };
Option<bool> json = new("--json") { Description = "one JSON object on one line" };
var root = new RootCommand("Trains makemore's MLP with TorchSharp, to compare with.")
{
    backward, recipeName, data, batch, hidden, steps, threads, seed, lossesFile, json,
};
root.SetAction(Train);
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception fault) when (fault is InvalidRequestException or FormatException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

int Train(ParseResult parsed)
{
    Recipe recipe = Recipe.Named(parsed.GetValue(recipeName)!);
    recipe = recipe with
    {
        Batch = parsed.GetValue(batch) ?? recipe.Batch,
        Hidden = parsed.GetValue(hidden)?.Split(',').Select(width => int.Parse(width, CultureInfo.InvariantCulture)).ToArray() ?? recipe.Hidden,
    };
    Dataset names = Dataset.Create(parsed.GetValue(data) is { } path ? NamesFile.Read(path) : NamesFile.Embedded(), recipe.Context);
    Configuration configuration = Configuration.Resolve(recipe, names.Train.Count, parsed.GetValue(steps), seed: parsed.GetValue(seed));
    configuration.Validate(names.Vocabulary.Count);
    if (configuration.Steps <= TrainingLoop.WarmUpSteps)
    {
        throw new InvalidRequestException($"--steps must be more than {TrainingLoop.WarmUpSteps}, which are not timed");
    }

    torch.set_num_threads(parsed.GetValue(threads));
    using var generator = new torch.Generator(configuration.Seed, torch.CPU);
    var network = new Network(recipe, names.Vocabulary.Count, generator);
    ITrainingStep step = parsed.GetValue(backward) == "manual" ? new ManualStep(network) : new AutogradStep(network);
    var loop = new TrainingLoop(step, configuration, generator);
    loop.Run(names.Train);

    if (parsed.GetValue(lossesFile) is { } file)
    {
        File.WriteAllLines(file, loop.Losses.Select((loss, i) => FormattableString.Invariant($"{i},{loss}")).Prepend("step,loss"));
    }
    var result = new
    {
        Steps = loop.Losses.Count,
        loop.StepsPerSecond,
        Threads = torch.get_num_threads(),
        Backward = parsed.GetValue(backward),
        FinalLoss = loop.Losses[^1],
    };
    Console.WriteLine(parsed.GetValue(json)
        ? JsonSerializer.Serialize(result, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower })
        : FormattableString.Invariant(
            $"{result.Backward}, {result.Threads} threads: {result.Steps} steps, {result.StepsPerSecond:0} steps/s, last loss {result.FinalLoss}"));
    return 0;
}
