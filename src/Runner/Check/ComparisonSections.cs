using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Check;

/// <summary>How each tensor compares with the reference, in the columns of the lecture's <c>cmp</c> and in ulps.</summary>
static class ComparisonSections
{
    /// <summary>The table, and below it what its columns mean. The last line is the verdict.</summary>
    /// <param name="batch">The batch that was checked.</param>
    public static IEnumerable<Section> Of(CheckedBatch batch)
    {
        IReadOnlyList<TensorComparison> tensors = batch.Check.Comparisons;
        string exact = batch.IsDrawn
            ? "the reference computes in double, while the lecture compares float32 with float32"
            : "each program takes its sums in an order of its own, and rounds otherwise";
        yield return new Section($"Against {batch.Reference}")
        {
            Grid = new Grid(["tensor", "exact", "approximate", "largest difference", "ulps"], [.. tensors.Select(Row)])
            {
                Spare = ["exact", "ulps", "approximate"],
            },
        };
        yield return new Section("Exact, and ulps")
        {
            Text = $"\"exact\" is mostly \"no\" here: {exact}; a difference of a few units in the last place is rounding.\n\n"
                + "ulps: the largest difference in those units, the spacing of float32 at the tensor's largest magnitude in the reference. "
                + "A tensor that is 0 but for rounding (logit_maxes.grad, b1.grad) has no such magnitude, and its ulps mean nothing.",
            Lines =
            [
                $"{batch.Accelerator} against {batch.Reference}: {tensors.Count - batch.Check.Faults} of {tensors.Count} tensors agree",
            ],
        };
    }

    static string[] Row(TensorComparison tensor) =>
    [
        tensor.Name, YesNo(tensor.Exact), YesNo(tensor.Approximate), Format.Difference(tensor.MaxDifference), Format.Ulps(tensor.Ulps),
    ];

    static string YesNo(bool value) => value ? "yes" : "no";
}
