using System.Globalization;
using System.Text;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Reference;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Check;

/// <summary>The examples and the network of a batch.</summary>
static class BatchSection
{
    // The lecture's batch; of a larger one, the rest is told by --show and --json.
    const int MaxExamples = 32;

    const int LabelWidth = 13;
    const int LineWidth = 100;

    /// <summary>The section.</summary>
    /// <param name="batch">The batch that was checked.</param>
    public static Section Of(CheckedBatch batch)
    {
        BatchCheck check = batch.Check;
        string[][] rows =
        [
            [batch.IsDrawn ? "names" : "dump", batch.Source],
            .. batch.Seed is { } seed ? (string[][])[["seed", seed.ToString(CultureInfo.InvariantCulture)]] : [],
            .. TensorNames.Examples.Select(name => (string[])[name, TensorText.Shape(check.Tensors[name].Shape)]),
            .. check.Parameters.Select(tensor => (string[])[tensor.Name, TensorText.Shape(tensor.Shape)]),
            ["parameters", Format.Count(check.Parameters.Sum(tensor => tensor.Values.Count))],
            ["loss", Format.Loss(check.Loss)],
        ];
        return new Section("The batch")
        {
            Grid = new Grid(["what", "value"], rows) { HoldsText = true },
            Lines = [.. Examples(check.Batch, batch.Vocabulary)],
        };
    }

    static IEnumerable<string> Examples(LectureBatch batch, Vocabulary? vocabulary)
    {
        int[][] contexts = [.. batch.Tokens.Chunk(batch.Context).Take(MaxExamples)];
        int[] targets = [.. batch.Targets.Take(MaxExamples)];
        string more = batch.Count > MaxExamples ? $" ... and {Format.Count(batch.Count - MaxExamples)} more" : "";
        IEnumerable<string> lines =
        [
            .. Wrap("Xb", "  ", contexts.Select(context => string.Join(',', context)), more),
            .. Wrap("Yb", ",", targets.Select(target => target.ToString(CultureInfo.InvariantCulture)), more),
        ];
        return vocabulary is null
            ? lines
            : lines.Concat(Wrap("characters", "  ", contexts.Zip(targets, (context, target) =>
                $"{vocabulary.Decode(context)} -> {vocabulary.Tokens[target]}"), more));
    }

    static IEnumerable<string> Wrap(string label, string separator, IEnumerable<string> items, string end)
    {
        var line = new StringBuilder(label.PadRight(LabelWidth));
        bool isEmpty = true;
        foreach (string item in items)
        {
            if (!isEmpty && line.Length + separator.Length + item.Length > LineWidth)
            {
                yield return line.Append(separator.TrimEnd()).ToString();
                line.Clear().Append(' ', LabelWidth);
                isEmpty = true;
            }
            line.Append(isEmpty ? "" : separator).Append(item);
            isEmpty = false;
        }
        yield return line.Append(end).ToString();
    }
}
