using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Matrix products beside OpenBLAS and TorchSharp as Markdown tables: cubes, and products of other shapes.</summary>
static class ProductTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "GFLOP/s on all cores: medians of several rounds in which all took turns, each with many products in a row. In brackets, how many "
        + "times as fast Makemore.Gpu is as OpenBLAS, and as TorchSharp. Every result was compared with double precision first.";

    /// <summary>What stands in place of tables that nobody has measured yet.</summary>
    public const string NoResults = "No machine was measured yet: `scripts/compare-torch products` does it.\n";

    /// <summary>The tables of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(ProductResults results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{results.Machine}, {results.OperatingSystem}, {results.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"ILGPU {results.Ilgpu}, {results.OpenBlas}, TorchSharp {results.TorchSharp} ");
        text.Append(CultureInfo.InvariantCulture, $"with libtorch {results.Libtorch}, {results.Date:yyyy-MM-dd}.\n\n");
        Append(text, [.. results.Products.Where(product => product.IsCube)], withoutLaunches: false);
        text.Append('\n');
        Append(text, [.. results.Products.Where(product => !product.IsCube)], withoutLaunches: true);
        return text.ToString();
    }

    /// <summary>A speed to three digits.</summary>
    /// <param name="value">The speed.</param>
    public static string Number(double value) =>
        value.ToString(
            value < 0.1 ? "0.0000" : value < 1 ? "0.000" : value < 10 ? "0.00" : value < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    // Small products are little more than their launch, which a network has once for many operations.
    static void Append(StringBuilder text, IReadOnlyList<MeasuredProduct> products, bool withoutLaunches)
    {
        if (products.Count == 0)
        {
            return;
        }
        ProductSpeed[] launched = [.. products[0].Speeds.Where(speed => speed.LaunchMicroseconds is not null)];
        string[] others = [.. products[0].Speeds.Where(speed => speed.LaunchMicroseconds is null).Select(speed => speed.Multiplier)];
        string[] own =
        [
            .. launched.SelectMany<ProductSpeed, string>(speed =>
                withoutLaunches ? [$"`{speed.Multiplier}`", "without an empty launch"] : [$"`{speed.Multiplier}`"]),
        ];
        Markdown.AppendLine(text, ["product, M x N x K", .. own, .. others]);
        Markdown.AppendLine(text, ["---", .. own.Concat(others).Select(_ => "---:")]);
        foreach (MeasuredProduct product in products)
        {
            Markdown.AppendLine(text, [
                $"{product.Form}, {product.M} x {product.N} x {product.K}",
                .. product.Speeds.Where(speed => speed.LaunchMicroseconds is not null)
                    .SelectMany(speed => Cells(product, speed, withoutLaunches)),
                .. product.Speeds.Where(speed => speed.LaunchMicroseconds is null).Select(speed => Number(speed.Median)),
            ]);
        }
    }

    static IEnumerable<string> Cells(MeasuredProduct product, ProductSpeed speed, bool withoutLaunches)
    {
        yield return WithRatios(product, speed.Median);
        if (withoutLaunches)
        {
            yield return product.WithoutLaunch(speed) is { } value ? WithRatios(product, value) : "–";
        }
    }

    static string WithRatios(MeasuredProduct product, double value)
    {
        IEnumerable<string> ratios = product.Speeds.Where(speed => speed.LaunchMicroseconds is null)
            .Select(speed => Markdown.Ratio(value / speed.Median));
        return $"{Number(value)} ({string.Join(", ", ratios)})";
    }
}
