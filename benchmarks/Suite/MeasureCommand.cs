using System.CommandLine;
using Makemore.Gpu.Benchmarks.Networks;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Measuring;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>
/// Measures training, of one network or of many, or a product for one round, and answers in JSON; benchmarks/pytorch/measure.py understands
/// the same calls. With <c>turns</c>, each line of standard input is a call, so that programs can take turns on one device while each keeps
/// what it has compiled.
/// </summary>
static class MeasureCommand
{
    const int FirstCount = 4;

    static readonly Option<string> Accelerator =
        new("--accelerator") { Description = "cuda, opencl or cpu", DefaultValueFactory = _ => "auto" };

    static readonly Option<double> Seconds =
        new("--seconds") { Description = "how long a round takes at least", DefaultValueFactory = _ => 0.3 };

    static readonly Option<string?> Precision =
        new("--precision") { Description = $"of matrix products: {string.Join(" or ", Precisions.Names)}" };

    static readonly Option<string> RecipeName = new("--recipe") { Description = "the recipe", DefaultValueFactory = _ => "batchnorm" };
    static readonly Option<int?> Hidden = new("--hidden") { Description = "units of each hidden layer; the recipe's" };
    static readonly Option<int> Batch = new("--batch") { Description = "the batch", DefaultValueFactory = _ => LectureSizes.N };
    static readonly Option<int> Count = new("--count") { Description = "how many networks", DefaultValueFactory = _ => 132 };
    static readonly Option<string> Variant = new("--variant") { Description = "the strategy", DefaultValueFactory = _ => Strategy.Auto };

    static readonly Option<string> Form = new Option<string>("--form")
    {
        Description = "which factor is transposed",
        DefaultValueFactory = _ => "plain",
    }.AcceptOnlyFromAmong("plain", "left-transposed", "right-transposed");

    static readonly Option<int> Size = new("--size") { Description = "the sides of the matrices", DefaultValueFactory = _ => 4096 };

    // The same names each time, and read once.
    static readonly Lazy<Dataset> Data = new(() => Dataset.Create(
        Environment.GetEnvironmentVariable("MAKEMORE_NAMES") is { Length: > 0 } path ? NamesFile.Read(path) : NamesFile.Embedded(),
        LectureSizes.T));

    /// <summary>Measures.</summary>
    /// <param name="args">A call, or <c>turns</c>.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">The call is wrong, or the device cannot do it.</exception>
    public static int Run(string[] args)
    {
        try
        {
            if (args is not ["turns"])
            {
                Console.WriteLine(new Answer(PerSecond: Measure(args)).ToLine());
                return 0;
            }
            while (Console.ReadLine() is { } line)
            {
                Console.WriteLine(Turn(line).ToLine());
            }
            return 0;
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static Answer Turn(string line)
    {
        try
        {
            return new Answer(PerSecond: Measure(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        }
        catch (InvalidRequestException refusal)
        {
            return new Answer(Refused: refusal.Message);
        }
        catch (Exception fault)
        {
            Console.Error.WriteLine(fault);
            return new Answer(Error: fault.Message.ReplaceLineEndings(" "));
        }
    }

    static double Measure(string[] args)
    {
        var train = new Command("train", "steps of training a second") { RecipeName, Hidden, Batch, Variant };
        var networks = new Command("networks", "steps of many networks at once a second, of all together") { RecipeName, Count, Variant };
        var product = new Command("product", "products of square matrices a second") { Form, Size };
        double perSecond = 0;
        train.SetAction(parsed => perSecond = Train(parsed));
        networks.SetAction(parsed => perSecond = TrainNetworks(parsed));
        product.SetAction(parsed => perSecond = Multiply(parsed));
        foreach (Command command in new[] { train, networks, product })
        {
            command.Add(Accelerator);
            command.Add(Precision);
            command.Add(Seconds);
        }
        ParseResult parsed = new RootCommand("Measures one round.") { train, networks, product }.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            throw new InvalidRequestException(parsed.Errors[0].Message);
        }
        parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return perSecond;
    }

    static double Train(ParseResult parsed)
    {
        Recipe recipe = Recipe.Named(parsed.GetValue(RecipeName)!) with { Batch = parsed.GetValue(Batch) };
        recipe = recipe with { Hidden = parsed.GetValue(Hidden) is { } width ? [.. recipe.Hidden.Select(_ => width)] : recipe.Hidden };
        var training = new LoneTraining(Kernels(parsed), recipe, Data.Value, parsed.GetValue(Variant)!);
        return Rate.Of(parsed.GetValue(Seconds), FirstCount, training.StepsPerSecond);
    }

    static double TrainNetworks(ParseResult parsed)
    {
        int count = parsed.GetValue(Count) is > 0 and int asked
            ? asked
            : throw new InvalidRequestException($"--count is {parsed.GetValue(Count)} and must be at least 1");
        using var training = new NetworksTraining(
            Kernels(parsed), Recipe.Named(parsed.GetValue(RecipeName)!), count, Data.Value, parsed.GetValue(Variant)!);
        return count * Rate.Of(parsed.GetValue(Seconds), FirstCount, steps => training.StepsPerSecond(steps) / count);
    }

    static double Multiply(ParseResult parsed)
    {
        int size = parsed.GetValue(Size);
        Operation operation = parsed.GetValue(Form) switch
        {
            "left-transposed" => MatMulOperations.MultiplyLeftTransposed(size, size, size),
            "right-transposed" => MatMulOperations.MultiplyRightTransposed(size, size, size),
            _ => MatMulOperations.Multiply(size, size, size),
        };
        using var bench = new Bench(Kernels(parsed));
        Measured measured = operation.Prepare(bench);
        bench.Kernels.Stream.Synchronize();
        return Rate.Of(parsed.GetValue(Seconds), FirstCount, count =>
        {
            for (int launch = 0; launch < count; launch++)
            {
                measured.Launch();
            }
            bench.Kernels.Stream.Synchronize();
        });
    }

    static KernelSet Kernels(ParseResult parsed) => Accelerators.Kernels(parsed.GetValue(Accelerator)!, parsed.GetValue(Precision));
}
