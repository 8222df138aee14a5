using System.Text;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Output;

/// <summary>Text in lines that break between words.</summary>
static class WrappedText
{
    // What stands before a value: its label, and the space up to it.
    const int LabelWidth = 13;

    // Where the terminal leaves less beside the label, lines are as long as they are.
    const int LeastWidth = 20;

    /// <summary>The lines of a text. A word that is longer than a line stays whole.</summary>
    /// <param name="text">The text, of one paragraph or several, one on each of its lines.</param>
    /// <param name="width">Characters of a line.</param>
    public static IEnumerable<string> Lines(string text, int width)
    {
        foreach (string paragraph in text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries))
        {
            var line = new StringBuilder();
            int length = 0;
            foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                int wordLength = word.GetCellWidth();
                if (length > 0 && length + 1 + wordLength > width)
                {
                    yield return line.ToString();
                    line.Clear();
                    length = 0;
                }
                line.Append(length > 0 ? " " : "").Append(word);
                length += (length > 0 ? 1 : 0) + wordLength;
            }
            yield return line.ToString();
        }
    }

    /// <summary>A label and its value: <c>recipe       batchnorm</c>, with further lines below the value.</summary>
    /// <param name="label">The label.</param>
    /// <param name="value">The value.</param>
    /// <param name="width">Characters of a line.</param>
    public static IEnumerable<string> Labeled(string label, string value, int width)
    {
        int left = width - LabelWidth;
        IEnumerable<string> lines = left < LeastWidth || value.GetCellWidth() <= left ? [value] : Lines(value, left);
        return lines.Select((line, index) => (index == 0 ? label : "").PadRight(LabelWidth) + line);
    }
}
