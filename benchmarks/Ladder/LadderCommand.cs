using System.CommandLine;
using Makemore.Gpu.Benchmarks.Products;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Measuring;

namespace Makemore.Gpu.Benchmarks.Ladder;

/// <summary>
/// Checks every rung of the ladders of an accelerator, and measures them in turns with what the device can do at most and with the
/// library of its maker.
/// </summary>
static class LadderCommand
{
    const int FewestRounds = 5;

    // M, K, N: one past a tile, and a single value.
    static readonly (int M, int K, int N)[] OddSizes = [(1, 1, 1), (65, 17, 65), (17, 33, 129), (129, 257, 65)];

    static readonly Option<string> Accelerator = new("--accelerator")
    {
        Description = "cpu, opencl or cuda",
        DefaultValueFactory = _ => "cpu",
    };

    static readonly Option<int> Size = new("--size")
    {
        Description = "the sides of the matrices; on cpu, 128 at most for the steps of a GPU",
        DefaultValueFactory = _ => 512,
    };

    static readonly Option<int> Rounds = new("--rounds")
    {
        Description = $"how often everything is measured; results of fewer than {FewestRounds} rounds are not recorded",
        DefaultValueFactory = _ => FewestRounds,
    };

    static readonly Option<double> Seconds =
        new("--seconds") { Description = "how long a round of a rung takes at least", DefaultValueFactory = _ => 0.3 };

    static readonly Option<string?> Out = new("--out")
    {
        Description = "a file for the results, in place of the kept ones; for machines without the repository",
    };

    /// <summary>Checks, measures, and records the results.</summary>
    /// <param name="args">The options.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">An option is wrong, or the accelerator is not there.</exception>
    public static int Run(string[] args)
    {
        var command = new RootCommand("Measures the rungs from one output per thread to the library's matrix product.")
        {
            Accelerator, Size, Rounds, Seconds, Out,
        };
        command.SetAction(Run);
        ParseResult parsed = command.Parse(args);
        return parsed.Errors.Count > 0
            ? throw new InvalidRequestException($"{parsed.Errors[0].Message} (see ladder --help)")
            : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    static int Run(ParseResult parsed)
    {
        FoundDevice device = Accelerators.Choose(parsed.GetValue(Accelerator)!);
        int rounds = AtLeastOne(parsed, Rounds);
        int size = AtLeastOne(parsed, Size);
        OpenBlas? library = LaunchShape.IsProcessor(device.Device) ? OpenBlas.FindUnbiased() : null;
        try
        {
            KernelSet kernels = Accelerators.Kernels(device.Name);
            MatMulLadder[] ladders = [.. MatMulLadder.Of(kernels.Launcher)];
            foreach (MatMulLadder ladder in ladders)
            {
                Check(ladder, kernels);
            }
            var results = new LadderResults(
                ThisMachine.Name,
                [.. ladders.Select(ladder => Measure(ladder, device, kernels, library, size, rounds, parsed.GetValue(Seconds)))]);
            Console.WriteLine();
            Console.WriteLine(LadderTable.ToMarkdown(results));
            if (parsed.GetValue(Out) is { } file)
            {
                ResultsFile.Write(file, results);
            }
            else if (rounds >= FewestRounds)
            {
                string path = ResultsFile.Save(results.Machine, LadderResults.Kind, results.WithKept());
                Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            }
            return 0;
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static void Check(MatMulLadder ladder, KernelSet kernels)
    {
        foreach (IRung rung in ladder.Rungs)
        {
            foreach ((int m, int k, int n) in OddSizes)
            {
                ProductCheck.Check(DeviceMultiplier.Of(rung, kernels), Operands.Of(new(GemmForm.Plain, m, k, n)));
            }
            Console.WriteLine($"{ladder.Name}: {rung.Name}: right at {OddSizes.Length} sizes");
        }
    }

    static MeasuredLadder Measure(
        MatMulLadder ladder, FoundDevice device, KernelSet kernels, OpenBlas? library, int size, int rounds, double seconds)
    {
        size = Math.Min(size, ladder.MaxSize);
        var product = new Product(GemmForm.Plain, size, size, size);
        var peak = new DevicePeak(kernels.Launcher);
        var operands = Operands.Of(product);
        IMultiplier[] multipliers = [.. ladder.Rungs.Select(rung => DeviceMultiplier.Of(rung, kernels))];
        if (library is not null)
        {
            multipliers = [.. multipliers, library];
        }
        IMultiplication[] multiplications = [.. multipliers.Select(multiplier => multiplier.Prepare(operands))];
        IReadOnlyList<IReadOnlyList<double>> figures = Turns.Measure(rounds,
        [
            () => peak.Gigaflops(seconds),
            .. multiplications.Select<IMultiplication, Func<double>>(one => () => Turns.Gigaflops(one, product, seconds)),
        ]);
        foreach ((IMultiplier multiplier, IMultiplication multiplication) in multipliers.Zip(multiplications))
        {
            ProductCheck.Compare(multiplier.Name, operands, multiplication.Read());
            multiplication.Dispose();
        }
        return MeasuredLadder.Of(
            ladder.Name, device, size, figures[0], library is null ? null : OpenBlas.Version,
            library is null ? [] : figures[^1],
            [.. ladder.Rungs.Select((rung, i) => new MeasuredRung(i + 1, rung.Name, rung.Why, figures[i + 1]))]);
    }

    static int AtLeastOne(ParseResult parsed, Option<int> option) => parsed.GetValue(option) is > 0 and int value
        ? value
        : throw new InvalidRequestException($"{option.Name} is {parsed.GetValue(option)} and must be at least 1");
}
