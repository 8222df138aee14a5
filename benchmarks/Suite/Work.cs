using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>A work that both programs are measured at, each variant of them by a call of its <c>measure</c>.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Description">What it is, for people.</param>
/// <param name="Required">What is required of Makemore.Gpu.</param>
/// <param name="Call">The call that both programs understand.</param>
/// <param name="Variants">Makemore.Gpu's variants: its strategies; of a product, there is one.</param>
sealed record Work(string Name, string Description, Requirement Required, string Call, IReadOnlyList<string> Variants)
{
    /// <summary>The name of the program that is measured.</summary>
    public const string Makemore = "Makemore.Gpu";

    /// <summary>The name of the program that it is compared with.</summary>
    public const string PyTorch = "PyTorch";

    /// <summary>PyTorch as it is; for products, that is cuBLAS.</summary>
    public static readonly string[] Eager = ["eager"];

    /// <summary>PyTorch's compiler.</summary>
    public static readonly string[] Compiled = ["compile"];

    /// <summary>PyTorch with CUDA graphs: the better of recording its own kernels and those of its compiler.</summary>
    public static readonly string[] Graphs = ["graphs", "compile+graphs"];

    static readonly (string Recipe, int Count)[] Networks = [("batchnorm", 132), ("batchnorm", 528), ("deep-batchnorm", 132)];
    static readonly string[] Forms = ["plain", "left-transposed", "right-transposed"];

    /// <summary>Whether products may be rounded to TF32.</summary>
    public bool Tf32 { get; init; }

    /// <summary>The sides of the matrices of a product; null for training.</summary>
    public int? Size { get; init; }

    /// <summary>How many seconds it may take, of which a variant in one round has at most half.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>The unit of the results.</summary>
    public string Unit => Size is null ? WorkResult.Steps : WorkResult.Operations;

    /// <summary>Every work.</summary>
    /// <param name="quick">With small sizes, to try the suite itself.</param>
    public static IEnumerable<Work> All(bool quick)
    {
        (int hidden, int batch, int size) = quick ? (64, 64, 64) : (4096, 8192, 4096);
        string[] strategies = ["fused", "layered"];
        yield return new("batchnorm", "recipe batchnorm, batch 32", new(60_000, 20, 3), "train --recipe batchnorm --batch 32", strategies);
        yield return new(
            "deep-batchnorm", "recipe deep-batchnorm, batch 32", new(20_000), "train --recipe deep-batchnorm --batch 32", strategies);
        foreach (bool tf32 in new[] { false, true })
        {
            yield return new(
                tf32 ? "large-tf32" : "large", Named($"layered training, hidden {hidden}, batch {batch}", tf32),
                tf32 ? new() : new(OfEager: 1), $"train --recipe batchnorm --hidden {hidden} --batch {batch}", ["layered"])
            {
                Tf32 = tf32,
            };
        }
        foreach ((string recipe, int count) in quick ? [("batchnorm", 8)] : Networks)
        {
            yield return new(
                $"networks-{recipe}-{count}", $"{count} networks of recipe {recipe} at once", new(),
                $"networks --recipe {recipe} --count {count}", ["fused"])
            {
                Seconds = 45,
            };
        }
        foreach (bool tf32 in new[] { false, true })
        {
            foreach (string form in Forms)
            {
                yield return new(
                    $"product-{form}{(tf32 ? "-tf32" : "")}", Named($"product {size}³, {form}", tf32), new(OfEager: tf32 ? 0.55 : 0.75),
                    $"product --form {form} --size {size}", ["product"])
                {
                    Tf32 = tf32,
                    Size = size,
                    Seconds = 15,
                };
            }
        }
    }

    /// <summary>Takes a rate over from calls a second into the unit.</summary>
    /// <param name="perSecond">Calls a second.</param>
    public double InUnit(double perSecond) => Size is { } size ? perSecond * 2 * Math.Pow(size, 3) / 1e12 : perSecond;

    /// <summary>The variants of both programs, in the order of their turns, each with the call that measures it for a round.</summary>
    /// <param name="accelerator">Makemore.Gpu's accelerator.</param>
    /// <param name="torchDevice">PyTorch's device.</param>
    /// <param name="seconds">How long a round takes.</param>
    public IEnumerable<(string Program, string Variant, string Call)> Turns(string accelerator, string torchDevice, double seconds)
    {
        string common = string.Create(CultureInfo.InvariantCulture, $"{Call} --seconds {seconds}");
        foreach (string variant in Variants)
        {
            yield return (Makemore, variant, $"{common} --accelerator {accelerator}{Option(variant)}{(Tf32 ? " --precision tf32" : "")}");
        }
        // The compiler comes last: it takes the longest, and what is late is cut off.
        foreach (string variant in Size is null ? [Eager[0], Graphs[0], Compiled[0], Graphs[1]] : Eager)
        {
            yield return (PyTorch, variant, $"{common} --device {torchDevice}{Option(variant)}{(Tf32 ? " --tf32" : "")}");
        }
    }

    string Option(string variant) => Size is null ? $" --variant {variant}" : "";

    static string Named(string name, bool tf32) => tf32 ? $"{name}, TF32" : name;
}
