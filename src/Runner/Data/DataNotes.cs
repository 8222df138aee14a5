using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Data;

/// <summary>What a reader should know of a list of names before a network learns from it, in a line or two.</summary>
static class DataNotes
{
    /// <summary>What was changed or left out while the names were read; null where nothing was.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="format">How they were read.</param>
    public static string? Changes(ReadingReport report, NamesFormat format)
    {
        string form = Format.Word(format.Text.Form).ToUpperInvariant();
        string[] changes =
        [
            .. Counted(report.Faults, "line that is no name left out", "lines that are no names left out"),
            .. Counted(report.Repeats, "repeat left out", "repeats left out"),
            .. Counted(report.Reformed, $"name put into {form}", $"names put into {form}"),
            .. Counted(report.WithInvisible, "name without its invisible characters", "names without their invisible characters"),
            .. Counted(report.WithSpaces, "name with plain spaces for others", "names with plain spaces for others"),
            .. Counted(report.Lowered, "name in small letters", "names in small letters"),
        ];
        return changes.Length == 0 ? null : string.Join(", ", changes);
    }

    /// <summary>How many names repeat an earlier one, and what that does to the splits; null where none does.</summary>
    /// <param name="data">The data set.</param>
    public static string? Repeats(Dataset data)
    {
        if (data.Repeats == 0)
        {
            return null;
        }
        int known = data.Test.Names.Count - data.NewNames(data.Test).Count;
        return $"{Format.Count(data.Repeats)} repeat an earlier name"
            + (known == 0 ? "" : $"; {Format.Count(known)} of {Format.Count(data.Test.Names.Count)} test names stand in train, too: "
                + "--split-by name keeps them apart");
    }

    static IEnumerable<string> Counted(int count, string one, string many) =>
        count == 0 ? [] : [Format.Counted(count, one, many)];
}
