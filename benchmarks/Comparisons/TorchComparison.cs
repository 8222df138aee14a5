using System.CommandLine;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>
/// Measures training against TorchSharp's. The programs take turns, round by round: what else the machine does falls on all alike.
/// </summary>
static class TorchComparison
{
    const int FewestRounds = 5;

    static readonly Option<int> Rounds = new("--rounds")
    {
        Description = $"how often everything is measured; results of fewer than {FewestRounds} rounds are not recorded",
        DefaultValueFactory = _ => FewestRounds,
    };

    static readonly Option<string?> Data = new("--data")
    {
        Description = "the names to train on, one on each line",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MAKEMORE_NAMES"),
    };

    static readonly Option<string?> Only =
        new Option<string?>("--only")
        {
            Description = "a single workload, whose results are recorded beside those of the same day and the same software",
        }
        .AcceptOnlyFromAmong([.. Workload.All.Select(workload => workload.Name)]);

    /// <summary>Measures, and records the results.</summary>
    /// <param name="args">The options.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">An option is wrong, or a program is not built or failed.</exception>
    public static int Run(string[] args)
    {
        var command = new RootCommand("Measures training against TorchSharp's.") { Rounds, Data, Only };
        command.SetAction(Run);
        return command.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    static int Run(ParseResult parsed)
    {
        int rounds = parsed.GetValue(Rounds);
        string? only = parsed.GetValue(Only);
        string data = parsed.GetValue(Data)
            ?? throw new InvalidRequestException("give the names to train on by --data FILE or in MAKEMORE_NAMES");
        if (rounds < 1)
        {
            throw new InvalidRequestException($"--rounds is {rounds} and must be at least 1");
        }

        string runFolder = Directory.CreateTempSubdirectory("makemore-").FullName;
        try
        {
            IEnumerable<Workload> workloads = Workload.All.Where(workload => only is null || workload.Name == only);
            var results = TorchResults.Of(
                [.. workloads.Select(workload => Compare(workload, [.. workload.Trainings(data, runFolder)], rounds))]);
            Console.WriteLine();
            Console.WriteLine(TorchTable.ToMarkdown(results));
            TorchResults? whole = only is null ? results : results.WithKept();
            if (whole is not null && rounds >= FewestRounds)
            {
                string path = ResultsFile.Save(whole.Machine, TorchResults.Kind, whole);
                Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            }
            return 0;
        }
        finally
        {
            Directory.Delete(runFolder, recursive: true);
            Accelerators.Close();
        }
    }

    static Comparison Compare(Workload workload, ITraining[] trainings, int rounds)
    {
        string accelerator = "";
        var speeds = trainings.ToDictionary(training => training, _ => new List<double>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (ITraining training in trainings)
            {
                TrainingReport report = training.Run();
                accelerator = report.Accelerator ?? accelerator;
                speeds[training].Add(Math.Round(report.StepsPerSecond, 1));
                string what = $"{workload.Name}, round {round} of {rounds}, {training.Name} ({training.Variant})";
                Console.WriteLine($"{what}: {report.StepsPerSecond:N0} steps/s");
            }
        }
        return new Comparison(
            workload.Name, workload.Work, accelerator,
            [.. trainings.Select(training => new Speed(training.Name, training.Variant, speeds[training]))]);
    }
}
