using System.CommandLine;
using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Products;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Measuring;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Benchmarks.Strategies;

/// <summary>
/// Measures training in both forms, by one thread and by all, over sizes of networks, and what the rule of <c>auto</c> takes of them.
/// </summary>
static class StrategiesCommand
{
    const int FewestRounds = 5;
    const int MostSteps = 100;
    const double FlopsPerLaunch = 4e9;

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
        new("--seconds") { Description = "how long a round of a strategy takes at least", DefaultValueFactory = _ => 0.5 };

    /// <summary>Measures, and records the results.</summary>
    /// <param name="args">The options.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">An option is wrong, or the accelerator is not there.</exception>
    public static int Run(string[] args)
    {
        var command = new RootCommand("Measures the forms of training over sizes of networks.") { Accelerator, Rounds, Seconds };
        command.SetAction(Run);
        ParseResult parsed = command.Parse(args);
        return parsed.Errors.Count > 0
            ? throw new InvalidRequestException($"{parsed.Errors[0].Message} (see strategies --help)")
            : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    static int Run(ParseResult parsed)
    {
        FoundDevice device = Accelerators.Choose(parsed.GetValue(Accelerator)!);
        int rounds = parsed.GetValue(Rounds) is > 0 and int asked
            ? asked
            : throw new InvalidRequestException($"--rounds is {parsed.GetValue(Rounds)} and must be at least 1");
        try
        {
            KernelSet kernels = Accelerators.Kernels(device.Name);
            var results = new StrategyResults(
                ThisMachine.Name,
                [
                    MeasuredAccelerator.Of(
                        device, [.. NetworkSize.All.Select(size => Measure(size, device, kernels, rounds, parsed.GetValue(Seconds)))]),
                ]);
            Console.WriteLine();
            Console.WriteLine(StrategyTable.ToMarkdown(results));
            if (rounds >= FewestRounds)
            {
                string path = ResultsFile.Save(results.Machine, StrategyResults.Kind, results.WithKept());
                Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            }
            return 0;
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static MeasuredNetwork Measure(NetworkSize size, FoundDevice device, KernelSet kernels, int rounds, double seconds)
    {
        Dataset data = size.Data();
        var automatic = Strategy.Automatic(device.Device, size.Recipe, data.Vocabulary.Count);
        Strategy[] strategies = [.. Candidates(size, device, data.Vocabulary.Count, automatic)];
        using var bench = new Bench(kernels);
        int steps = StepsPerLaunch(size.Recipe, data);
        Action[] launches =
        [
            .. strategies.Select(strategy => TrainingOperations.Step(strategy, size.Recipe, data, steps).Prepare(bench).Launch),
        ];
        IReadOnlyList<IReadOnlyList<double>> figures = Turns.Measure(
            rounds, [.. launches.Select<Action, Func<double>>(launch => () => StepsPerSecond(launch))]);
        var measured = new MeasuredNetwork(
            size.Name, automatic.Name, automatic.Threads,
            [.. strategies.Zip(figures, (strategy, speeds) => new StrategySpeed(strategy.Name, strategy.Threads, speeds))]);
        Console.WriteLine(measured);
        return measured;

        double StepsPerSecond(Action launch) => steps * Rate.Of(seconds, first: 1, count =>
        {
            for (int i = 0; i < count; i++)
            {
                launch();
            }
            kernels.Stream.Synchronize();
        });
    }

    // Of small networks as many as hide the launch.
    static int StepsPerLaunch(Recipe recipe, Dataset data) => (int)Math.Clamp(
        FlopsPerLaunch / TrainingOperations.FlopsOf(NetworkShape.Of(recipe, data.Vocabulary.Count), recipe.Batch), 1, MostSteps);

    // Both forms by one thread, and on the CPU accelerator by as many as there are cores and as auto takes: by OpenCL, the threads of a
    // group run on one core.
    static IEnumerable<Strategy> Candidates(NetworkSize size, FoundDevice device, int vocabulary, Strategy automatic) =>
        from name in new[] { Strategy.Fused.Name, Strategy.Layered.Name }
        where name != Strategy.Fused.Name || Strategy.HasFusedForm(device.Device, size.Recipe, vocabulary)
        let strategy = Strategy.Named(name, device.Device, size.Recipe, vocabulary)
        from threads in ThreadsOn(device.Device, automatic)
        where threads == strategy.Threads || strategy.CanHave(threads, device.Device)
        select threads == strategy.Threads ? strategy with { GivesWay = false } : strategy.With(threads, device.Device);

    static IEnumerable<int> ThreadsOn(Device device, Strategy automatic) => device.AcceleratorType == AcceleratorType.CPU
        ? new[] { 1, LaunchShape.For(device).Cores, automatic.Threads }.Distinct().Order()
        : [automatic.Threads];
}
