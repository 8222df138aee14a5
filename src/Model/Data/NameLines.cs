using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>The lines of a text that may be names: the lines themselves, or what stands in one column of a table.</summary>
static class NameLines
{
    // A message names no more.
    const int ShownColumns = 20;

    const string OtherLineEnds = "\u0085\u2028\u2029";

    /// <summary>The lines.</summary>
    /// <param name="source">What the text is, for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="format">Where names stand in it.</param>
    /// <returns>The number of each line from 1, with its name, or with what is wrong.</returns>
    /// <exception cref="InvalidRequestException">The text is a table and no column was named, or there is no such column.</exception>
    public static IEnumerable<(int Line, string? Name, string? Fault)> Of(string source, NamesText text, NamesFormat format)
    {
        if (format.Column is null or NamesFormat.NoColumn)
        {
            if (format.Column is null && TableShape.Of(text, format.Comment) is { } shape)
            {
                throw new InvalidRequestException($"'{source}' looks like a table: {shape.Describe()}; give --column with the name or the "
                    + $"number of the column that holds the names, or --column {NamesFormat.NoColumn} where each line is one");
            }
            return Lines(text, format.Comment).Select(line => (line.Number, (string?)line.Text, (string?)null));
        }
        return Column(source, text, format, format.Column);
    }

    /// <summary>The lines of a text that are no comments, with their numbers from 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="comment">What a comment begins with, or null.</param>
    public static IEnumerable<(int Number, string Text)> Lines(NamesText text, char? comment)
    {
        using TextReader reader = text.Open();
        // The reader ends lines at CR and LF.
        for (int number = 1; reader.ReadLine() is { } read; number++)
        {
            int start = 0;
            for (int end; (end = read.AsSpan(start).IndexOfAny(OtherLineEnds)) >= 0; start += end + 1, number++)
            {
                if (IsWanted(read.AsSpan(start, end), comment))
                {
                    yield return (number, read.Substring(start, end));
                }
            }
            if (IsWanted(read.AsSpan(start), comment))
            {
                yield return (number, start == 0 ? read : read[start..]);
            }
        }
    }

    static bool IsWanted(ReadOnlySpan<char> line, char? comment) => line.IsEmpty || line[0] != comment;

    static IEnumerable<(int Line, string? Name, string? Fault)> Column(string source, NamesText text, NamesFormat format, string column)
    {
        string separator = format.Separator ?? TableShape.Of(text, format.Comment)?.Separator.ToString() ?? ",";
        bool isBad = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator,
            AllowComments = format.Comment is not null,
            Comment = format.Comment ?? '#',
            HasHeaderRecord = false,
            BadDataFound = _ => isBad = true,
        };
        using TextReader reader = text.Open();
        using var parser = new CsvParser(reader, configuration);
        int index = -1;
        if (int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            index = number - 1;
        }
        else if (parser.Read())
        {
            index = Array.FindIndex(parser.Record!, field => field.Trim() == column);
        }
        if (index < 0)
        {
            IEnumerable<string> fields = (number > 0 ? null : parser.Record)?.Take(ShownColumns).Select(field => $"'{field.Trim()}'") ?? [];
            string known = fields.Any() ? $" ({string.Join(", ", fields)})" : "";
            throw new InvalidRequestException(
                $"'{source}' has no column '{column}' in its first line{known}: give --column with one of its names, or a number from 1");
        }
        bool found = false;
        while (parser.Read())
        {
            (string? name, string? fault) = (parser.Record!, isBad) switch
            {
                (_, true) => (null, "has a quote that does not end"),
                ({ } record, _) when index < record.Length => (record[index], (string?)null),
                ({ Length: var length }, _) => (null, $"has {length} column{(length == 1 ? "" : "s")} and no column {index + 1}"),
            };
            isBad = false;
            found |= name is not null;
            yield return (parser.RawRow, name, fault);
        }
        if (!found)
        {
            throw new InvalidRequestException(
                $"'{source}' has no column {index + 1} where '{separator}' separates them: give another --column or --separator");
        }
    }
}
