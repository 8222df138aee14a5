using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Bench;

/// <summary>Shows how fast each operation is, beside what its device can do at most.</summary>
static class BenchPage
{
    const string Nothing = "–";

    /// <summary>The page.</summary>
    /// <param name="results">What was measured.</param>
    public static Page Of(BenchResults results) => new(
        "How fast each operation is",
        [
            new Section("What the device can do at most")
            {
                Text = $"{Format.ThreeDigits(results.Roofline.Gigaflops)} GFLOP/s by multiply-adds that wait for nothing, and "
                    + $"{Format.ThreeDigits(results.Roofline.Gigabytes)} GB/s by a copy of an array that no cache holds, read and written. "
                    + $"They cross at {Format.ThreeDigits(results.Roofline.Ridge)} FLOP/byte: with less arithmetic for each byte, an "
                    + "operation on large arrays waits for memory.",
            },
            new Section("At the lectures' sizes")
            {
                Text = "So small that caches hold everything, and that a launch may take longer than its work. A share of the copy "
                    + "above 100% comes out of a cache.",
                Grid = GridOf(results, results.Lectures),
            },
            new Section("At large sizes")
            {
                Text = results.IsQuick
                    ? "In the quick form the arrays of one operation still fit the last cache of many processors."
                    : "",
                Grid = GridOf(results, results.Large),
            },
            new Section("Roofline")
            {
                Text = "Each operation by its arithmetic for each byte, and by how fast it is. The slope is the copy, the level the "
                    + "multiply-adds. What has no arithmetic is left out.",
                Pictures = [RooflineChart.Of(results)],
            },
            new Section("What is counted")
            {
                Text = "The arithmetic of an operation, and each input read and each output written once, whatever a kernel does: a "
                    + "multiply-add is 2, and exp, erf and tanh are the 29, 27 and 25 of their polynomials. N is the batch, H a layer's "
                    + "width, V the vocabulary, E the embedding's width, T the context, G groups, W weights or parameters; a value has "
                    + "4 bytes.",
                Grid = new Grid(
                    ["operation", "floating-point operations", "values read and written"],
                    [
                        .. results.Lectures.Concat(results.Large).DistinctBy(measurement => measurement.Name).Select(
                            measurement => (string[])
                                [measurement.Name, measurement.Cost.FlopsFormula, measurement.Cost.ValuesFormula]),
                    ])
                {
                    HoldsText = true,
                },
            },
        ]);

    /// <summary>The same as numbers.</summary>
    /// <param name="results">What was measured.</param>
    /// <param name="report">The page as a file; null where none was asked for.</param>
    /// <param name="pictures">The files of the pictures.</param>
    public static object Result(BenchResults results, string? report, IReadOnlyList<string> pictures) => new
    {
        Accelerator = results.Found.Name,
        results.Found.Description,
        results.Vectors,
        Quick = results.IsQuick,
        results.Seconds,
        Peak = new { results.Roofline.Gigaflops, results.Roofline.Gigabytes, results.Roofline.Ridge },
        Lectures = results.Lectures.Select(measurement => Numbers(results, measurement)),
        Large = results.Large.Select(measurement => Numbers(results, measurement)),
        Report = report,
        Pictures = pictures,
    };

    static object Numbers(BenchResults results, Measurement measurement) => new
    {
        Number = results.NumberOf(measurement),
        Operation = measurement.Name,
        measurement.Shape,
        measurement.Seconds,
        measurement.Cost.Flops,
        measurement.Cost.Bytes,
        measurement.Gigaflops,
        measurement.Gigabytes,
        FlopsPerByte = measurement.Cost.Intensity,
        ShareOfMultiplyAdds = measurement.Gigaflops / results.Roofline.Gigaflops,
        ShareOfCopy = measurement.Gigabytes / results.Roofline.Gigabytes,
        measurement.Cost.FlopsFormula,
        measurement.Cost.ValuesFormula,
    };

    static Grid GridOf(BenchResults results, IReadOnlyList<Measurement> measurements) => new(
        ["operation", "sizes", "time", "GFLOP/s", "GB/s", "FLOP/byte", "of multiply-adds", "of the copy"],
        [
            .. measurements.Select(measurement => (string[])
            [
                results.Label(measurement),
                measurement.Shape,
                Format.ShortTime(measurement.Seconds),
                Arithmetic(measurement, Format.ThreeDigits(measurement.Gigaflops)),
                Format.ThreeDigits(measurement.Gigabytes),
                Arithmetic(measurement, Format.ThreeDigits(measurement.Cost.Intensity)),
                Arithmetic(measurement, Format.Percent(measurement.Gigaflops / results.Roofline.Gigaflops, 1)),
                Format.Percent(measurement.Gigabytes / results.Roofline.Gigabytes, 1),
            ]),
        ]);

    static string Arithmetic(Measurement measurement, string text) => measurement.Cost.Flops == 0 ? Nothing : text;
}
