using System.CommandLine;
using Makemore.Gpu.Benchmarks.Products;
using Makemore.Gpu.Kernels.Devices;
using TorchSharp;

namespace Makemore.Gpu.Torch;

/// <summary>Measures matrix products beside OpenBLAS's and TorchSharp's, in turns in one process.</summary>
static class ProductsCommand
{
    static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "how often everything is measured; results of fewer than 5 rounds are not recorded",
        DefaultValueFactory = _ => 5,
    };

    static readonly Option<double> Seconds =
        new("--seconds") { Description = "how long each is measured in a round at least", DefaultValueFactory = _ => 0.3 };

    static readonly Option<int?> Largest =
        new("--largest") { Description = "leave out products larger than a cube of this side; results are not recorded" };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("products", "measures matrix products beside OpenBLAS and TorchSharp") { Rounds, Seconds, Largest };
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        int rounds = parsed.GetValue(Rounds);
        if (rounds < 1)
        {
            throw new InvalidRequestException($"--rounds is {rounds} and must be at least 1");
        }
        torch.set_num_threads(Environment.ProcessorCount);
        ProductComparison.Run(new TorchMultiplier(), rounds, parsed.GetValue(Seconds), parsed.GetValue(Largest));
        return 0;
    }
}
