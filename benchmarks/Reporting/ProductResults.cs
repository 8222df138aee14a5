using System.Text.Json.Serialization;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What one run measured of matrix products on one machine, beside OpenBLAS and TorchSharp.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="OpenBlas">The version of OpenBLAS, and for which processor it chose its kernels.</param>
/// <param name="TorchSharp">The version of TorchSharp.</param>
/// <param name="Libtorch">The version of libtorch.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Products">The measurements.</param>
sealed record ProductResults(
    string Machine, string OperatingSystem, string Runtime, string Ilgpu, string OpenBlas, string TorchSharp, string Libtorch,
    DateOnly Date, IReadOnlyList<MeasuredProduct> Products)
{
    /// <summary>The kind of results, which names their files.</summary>
    public const string Kind = "products";

    /// <summary>The results of a run that has just ended on this machine.</summary>
    /// <param name="openBlas">The version of OpenBLAS.</param>
    /// <param name="products">The measurements.</param>
    public static ProductResults Of(string openBlas, IReadOnlyList<MeasuredProduct> products) => new(
        ThisMachine.Name,
        ThisMachine.OperatingSystem,
        ThisMachine.Runtime,
        ThisMachine.Ilgpu,
        openBlas,
        Repository.PackageVersion("TorchSharp"),
        Repository.PackageVersion("libtorch-cpu-linux-x64"),
        ThisMachine.Today,
        products);
}

/// <summary>A product C [M, N] = A [M, K]·B [K, N].</summary>
/// <param name="Form">A·B, Aᵀ·B or A·Bᵀ.</param>
/// <param name="M">Rows of A and C.</param>
/// <param name="K">Columns of A, rows of B.</param>
/// <param name="N">Columns of B and C.</param>
/// <param name="Speeds">How fast each computed it.</param>
sealed record MeasuredProduct(string Form, int M, int K, int N, IReadOnlyList<ProductSpeed> Speeds)
{
    /// <summary>Whether all sides are the same.</summary>
    [JsonIgnore]
    public bool IsCube => M == N && N == K;

    /// <summary>The speed in GFLOP/s without the time of an empty launch; null where that is all the time or nothing is launched.</summary>
    /// <param name="speed">One of the speeds.</param>
    public double? WithoutLaunch(ProductSpeed speed)
    {
        if (speed.LaunchMicroseconds is not { } launch)
        {
            return null;
        }
        double operations = 2.0 * M * K * N;
        double seconds = (operations / (speed.Median * 1e9)) - (launch.Median() / 1e6);
        return seconds > 0 ? operations / seconds / 1e9 : null;
    }
}

/// <summary>How fast somebody computed a product.</summary>
/// <param name="Multiplier">Who: an accelerator of Makemore.Gpu, OpenBLAS or TorchSharp.</param>
/// <param name="Gigaflops">Billions of floating-point operations a second in each round.</param>
/// <param name="LaunchMicroseconds">The time of an empty launch in the same rounds; null where nothing is launched.</param>
sealed record ProductSpeed(string Multiplier, IReadOnlyList<double> Gigaflops, IReadOnlyList<double>? LaunchMicroseconds)
{
    /// <summary>The median of all rounds.</summary>
    [JsonIgnore]
    public double Median => Gigaflops.Median();
}
