using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Measuring;

namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>
/// Measures products on every accelerator of this machine beside those of OpenBLAS and of TorchSharp, in turns. Every one is compared with
/// double precision first.
/// </summary>
static class ProductComparison
{
    const int FewestRounds = 5;

    // As much as is measured once.
    static readonly IReadOnlyList<Product> Products =
    [
        .. from size in new[] { 256, 512, 1024, 2048, 4096 }
           from form in Enum.GetValues<GemmForm>()
           select new Product(form, size, size, size),
        new(GemmForm.Plain, M: 1023, K: 517, N: 259),
        new(GemmForm.Plain, M: 8192, K: 27, N: 200),
        new(GemmForm.Plain, M: 32, K: 30, N: 4096),
        new(GemmForm.Plain, M: 8192, K: 200, N: 27),
        new(GemmForm.Plain, M: 27, K: 8192, N: 200),
    ];

    /// <summary>Measures, and records the results of a whole run.</summary>
    /// <param name="torch">TorchSharp.</param>
    /// <param name="rounds">How often everything is measured.</param>
    /// <param name="seconds">How long each is measured in a round at least.</param>
    /// <param name="largest">Products larger than a cube of this side are left out, and results are not recorded; null for none.</param>
    /// <exception cref="InvalidRequestException">OpenBLAS is not there, or its kernels are not its own choice.</exception>
    public static void Run(IMultiplier torch, int rounds, double seconds, int? largest)
    {
        OpenBlas openBlas = OpenBlas.FindUnbiased() ?? throw new InvalidRequestException(
            "OpenBLAS (libopenblas.so.0) is not there: scripts/compare-torch products brings it, or install libopenblas0-pthread");
        try
        {
            (IMultiplier, KernelSet?)[] multipliers =
            [
                .. Accelerators.Devices.Select(device => Makemore(device.Name)), (openBlas, null), (torch, null),
            ];
            var results = ProductResults.Of(OpenBlas.Version,
            [
                .. Products.Where(product => largest is not { } side || product.Operations <= 2.0 * side * side * side)
                    .Select(product => Compare(product, multipliers, rounds, seconds)),
            ]);
            Console.WriteLine();
            Console.WriteLine(ProductTable.ToMarkdown(results));
            if (largest is null && rounds >= FewestRounds)
            {
                string path = ResultsFile.Save(results.Machine, ProductResults.Kind, results);
                Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            }
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static (IMultiplier, KernelSet?) Makemore(string accelerator)
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        return (DeviceMultiplier.Of(accelerator, kernels), kernels);
    }

    static MeasuredProduct Compare(Product product, (IMultiplier Who, KernelSet? Kernels)[] multipliers, int rounds, double seconds)
    {
        var operands = Operands.Of(product);
        Array.ForEach(multipliers, multiplier => ProductCheck.Check(multiplier.Who, operands));
        IMultiplication[] multiplications = [.. multipliers.Select(multiplier => multiplier.Who.Prepare(operands))];
        KernelSet[] launched = [.. multipliers.Select(multiplier => multiplier.Kernels).OfType<KernelSet>()];
        IReadOnlyList<IReadOnlyList<double>> figures = Turns.Measure(rounds,
        [
            .. multiplications.Select<IMultiplication, Func<double>>(one => () => Turns.Gigaflops(one, product, seconds)),
            .. launched.Select<KernelSet, Func<double>>(kernels => () => LaunchMicroseconds(kernels, seconds)),
        ]);
        Array.ForEach(multiplications, multiplication => multiplication.Dispose());
        // Those with launches come first, and in the same order as they.
        var measured = new MeasuredProduct(product.FormName, product.M, product.K, product.N,
        [
            .. multipliers.Select((multiplier, i) => new ProductSpeed(
                multiplier.Who.Name, figures[i], multiplier.Kernels is null ? null : figures[multipliers.Length + i])),
        ]);
        string speeds = string.Join(", ", measured.Speeds.Select(speed => $"{speed.Multiplier} {ProductTable.Number(speed.Median)}"));
        Console.WriteLine($"{product}: {speeds} GFLOP/s");
        return measured;
    }

    // A kernel that does nothing.
    static double LaunchMicroseconds(KernelSet kernels, double seconds)
    {
        Action<AcceleratorStream, KernelConfig, int> kernel = kernels.Accelerator.LoadKernel<int>(EmptyKernel);
        return 1e6 / Rate.Of(seconds, first: 16, count =>
        {
            for (int launch = 0; launch < count; launch++)
            {
                kernel(kernels.Stream, kernels.Launcher.Workers, 0);
            }
            kernels.Stream.Synchronize();
        });
    }

    static void EmptyKernel(int nothing)
    {
    }
}
