using System.CommandLine;
using Makemore.Gpu.Benchmarks.Products;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Measuring;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Benchmarks.Networks;

/// <summary>Measures the training of many networks at once, beside that of one network by itself.</summary>
static class NetworksCommand
{
    const int FewestRounds = 5;

    // Of each network: with fewer, where a processor trains one after another, it is the launches that are measured.
    const int FewestSteps = 200;

    static readonly string[] Recipes = ["batchnorm", "deep-batchnorm"];

    // 132 are one for each multiprocessor of an H200, 528 as many as its registers hold groups.
    static readonly int[] Counts = [1, 2, 8, 32, 132, 528];

    static readonly Option<string> Accelerator = new("--accelerator")
    {
        Description = "cpu, opencl or cuda",
        DefaultValueFactory = _ => "cpu",
    };

    static readonly Option<int> Rounds = new("--rounds")
    {
        Description = $"how often everything is measured; results of fewer than {FewestRounds} rounds are not recorded",
        DefaultValueFactory = _ => FewestRounds,
    };

    static readonly Option<double> Seconds =
        new("--seconds") { Description = "how long a round takes, of each number of networks", DefaultValueFactory = _ => 1 };

    static readonly Option<int> Most = new("--most")
    {
        Description = "the most networks at once; results of fewer than all are not recorded",
        DefaultValueFactory = _ => Counts[^1],
    };

    static readonly Option<string?> Only =
        new Option<string?>("--only") { Description = "a single recipe" }.AcceptOnlyFromAmong(Recipes);

    static readonly Option<string?> Out =
        new("--out") { Description = "a file for the results, whatever was measured, in place of those that are kept" };

    /// <summary>Measures, and records the results.</summary>
    /// <param name="args">The options.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">An option is wrong, or the accelerator is not there.</exception>
    public static int Run(string[] args)
    {
        var command = new RootCommand("Measures the training of many networks at once.") { Accelerator, Rounds, Seconds, Most, Only, Out };
        command.SetAction(Run);
        ParseResult parsed = command.Parse(args);
        return parsed.Errors.Count > 0
            ? throw new InvalidRequestException($"{parsed.Errors[0].Message} (see networks --help)")
            : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    static int Run(ParseResult parsed)
    {
        FoundDevice device = Accelerators.Choose(parsed.GetValue(Accelerator)!);
        int rounds = AtLeastOne(parsed, Rounds);
        int[] counts = [.. Counts.Where(count => count <= AtLeastOne(parsed, Most))];
        try
        {
            KernelSet kernels = Accelerators.Kernels(device.Name);
            var results = new NetworksResults(
                ThisMachine.Name,
                [
                    .. Recipes.Where(recipe => parsed.GetValue(Only) is not { } only || recipe == only)
                        .Select(recipe => Measure(Recipe.Named(recipe), counts, device, kernels, rounds, parsed.GetValue(Seconds))),
                ]);
            Console.WriteLine();
            Console.WriteLine(NetworksTable.ToMarkdown(results));
            if (parsed.GetValue(Out) is { } path)
            {
                ResultsFile.Write(path, results);
            }
            else if (rounds >= FewestRounds && counts.Length == Counts.Length)
            {
                string kept = ResultsFile.Save(results.Machine, NetworksResults.Kind, results.WithKept());
                Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, kept)}");
            }
            return 0;
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static MeasuredNetworks Measure(Recipe recipe, int[] counts, FoundDevice device, KernelSet kernels, int rounds, double seconds)
    {
        var data = Dataset.Create(NamesFile.Embedded(), recipe.Context);
        NetworksTraining[] trainings = [.. counts.Select(count => new NetworksTraining(kernels, recipe, count, data))];
        IReadOnlyList<IReadOnlyList<double>> figures = Turns.Measure(rounds,
        [
            Prepared(1, new LoneTraining(kernels, recipe, data).StepsPerSecond, seconds),
            .. counts.Zip(trainings, (count, training) => Prepared(count, training.StepsPerSecond, seconds)),
        ]);
        Array.ForEach(trainings, training => training.Dispose());
        var measured = MeasuredNetworks.Of(
            recipe.Name, device, figures[0], [.. counts.Zip(figures.Skip(1), (count, speeds) => new NetworksSpeed(count, speeds))]);
        Console.WriteLine(measured);
        return measured;
    }

    // Warms up, and finds how many steps of each network take a round.
    static Func<double> Prepared(int networks, Func<int, double> stepsPerSecond, double seconds)
    {
        double perNetwork = Rate.Of(seconds / 4, first: 1, steps => stepsPerSecond(steps) / networks);
        int count = Math.Max(FewestSteps, (int)Math.Ceiling(seconds * perNetwork));
        return () => stepsPerSecond(count);
    }

    static int AtLeastOne(ParseResult parsed, Option<int> option) => parsed.GetValue(option) is > 0 and int value
        ? value
        : throw new InvalidRequestException($"{option.Name} is {parsed.GetValue(option)} and must be at least 1");
}
