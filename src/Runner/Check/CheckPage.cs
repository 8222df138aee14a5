using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Check;

/// <summary>Shows a batch, some of its tensors, and how each compares with the reference.</summary>
static class CheckPage
{
    /// <summary>The page.</summary>
    /// <param name="batch">The batch that was checked.</param>
    /// <param name="shown">The names of the tensors that are shown.</param>
    public static Page Of(CheckedBatch batch, IEnumerable<string> shown) => new(
        "One batch through the kernels",
        [
            BatchSection.Of(batch),
            .. shown.Select(name => TensorSection.Of(batch.Check.Tensors[name])),
            .. ComparisonSections.Of(batch),
        ]);

    /// <summary>The same as numbers.</summary>
    /// <param name="batch">The batch that was checked.</param>
    /// <param name="shown">The names of the tensors that are shown.</param>
    /// <param name="report">The page as a file; null where none was asked for.</param>
    /// <param name="pictures">The files of the pictures.</param>
    public static object Result(CheckedBatch batch, IEnumerable<string> shown, string? report, IReadOnlyList<string> pictures)
    {
        BatchCheck check = batch.Check;
        return new
        {
            batch.Accelerator,
            batch.Reference,
            Batch = new
            {
                Xb = check.Batch.Tokens.Chunk(check.Batch.Context),
                Yb = check.Batch.Targets,
                Characters = batch.Vocabulary?.Tokens,
                batch.Seed,
            },
            Sizes = new
            {
                Batch = check.Batch.Count,
                check.Batch.Context,
                check.Batch.Vocabulary,
                check.Batch.Embedding,
                check.Batch.Hidden,
            },
            Parameters = check.Parameters.Sum(tensor => tensor.Values.Count),
            check.Loss,
            Tensors = check.Comparisons,
            Shown = shown.Select(name => check.Tensors[name]),
            Report = report,
            Pictures = pictures,
        };
    }
}
