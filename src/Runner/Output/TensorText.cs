using System.Globalization;

namespace Makemore.Gpu.Runner.Output;

/// <summary>
/// Tensors as text, in the layout of PyTorch (torch/_tensor_str.py): nested brackets, numbers of one width with four decimals, or with
/// an exponent where they differ too much in size, and "..." for the middle of a large tensor. What is exactly 0 is shown as 0.
/// </summary>
static class TensorText
{
    // As torch has them, but for longer lines.
    const int MaxValues = 1000;
    const int EdgeItems = 3;
    const int LineWidth = 100;
    const int Decimals = 4;

    /// <summary>The sizes of a tensor: [32, 3].</summary>
    /// <param name="shape">The sizes.</param>
    public static string Shape(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>A tensor as lines.</summary>
    /// <param name="shape">The sizes, the outermost first; none for a single value.</param>
    /// <param name="values">The values, row by row.</param>
    public static IReadOnlyList<string> Lines(IReadOnlyList<int> shape, IReadOnlyList<float> values)
    {
        int edge = values.Count > MaxValues ? EdgeItems : int.MaxValue / 2;
        int[] sizes = [.. shape];
        int[] shown = [.. Shown(sizes, edge, start: 0)];
        string[] texts = Texts(Array.ConvertAll(shown, i => (double)values[i]));
        int width = texts.Max(text => text.Length);
        var cells = shown.Zip(texts, (index, text) => (index, text)).ToDictionary(cell => cell.index, cell => cell.text.PadLeft(width));
        return Block(sizes, edge, start: 0, depth: 0, cells).Split('\n');
    }

    static IEnumerable<int> Shown(int[] sizes, int edge, int start) => sizes is [var size, .. var inner]
        ? Items(size, edge).OfType<int>().SelectMany(i => Shown(inner, edge, start + (i * Length(inner))))
        : [start];

    static string Block(int[] sizes, int edge, int start, int depth, IReadOnlyDictionary<int, string> cells)
    {
        if (sizes is not [var size, .. var inner])
        {
            return cells[start];
        }
        IEnumerable<string> items = Items(size, edge)
            .Select(i => i is { } item ? Block(inner, edge, start + (item * Length(inner)), depth + 1, cells) : "...");
        string indent = new(' ', depth + 1);
        int perLine = Math.Max(1, (LineWidth - indent.Length) / (cells.Values.First().Length + ", ".Length));
        return inner.Length == 0
            ? $"[{string.Join(",\n" + indent, items.Chunk(perLine).Select(line => string.Join(", ", line)))}]"
            : $"[{string.Join("," + new string('\n', inner.Length) + indent, items)}]";
    }

    // The positions along an axis; null for the middle that is left out.
    static IEnumerable<int?> Items(int size, int edge) => size <= 2 * edge
        ? Enumerable.Range(0, size).Select(i => (int?)i)
        : [.. Enumerable.Range(0, edge), null, .. Enumerable.Range(size - edge, edge)];

    static int Length(int[] sizes) => sizes.Aggregate(1, (product, size) => product * size);

    static string[] Texts(double[] values)
    {
        if (values.All(value => double.IsInteger(value) && Math.Abs(value) < 1e8))
        {
            return Array.ConvertAll(values, value => value.ToString("0", CultureInfo.InvariantCulture));
        }
        double[] sizes = [.. values.Select(Math.Abs).Where(size => size > 0 && double.IsFinite(size)).DefaultIfEmpty(1)];
        bool needsExponent = sizes.Max() >= 1e8 || sizes.Min() < 1e-4 || sizes.Max() > 1000 * sizes.Min();
        return Array.ConvertAll(values, value => value switch
        {
            0 => "0",
            _ when needsExponent => value.ToString("0.0000e+00", CultureInfo.InvariantCulture),
            _ => Format.Fixed(value, Decimals),
        });
    }
}
