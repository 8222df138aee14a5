using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>The lines of a text that may be names: the lines themselves, or what stands in one column of a table.</summary>
static class NameLines
{
    // A message names no more.
    const int ShownColumns = 20;

    // More than a thousand words take. A longer line is left unread, since it may be as long as the file.
    const int LongestLine = 1 << 16;

    const int BlockCharacters = 1 << 14;

    static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\u0085\u2028\u2029");

    static readonly string TooLong = string.Create(
        CultureInfo.InvariantCulture, $"is longer than {LongestLine:N0} characters");

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
                throw new InvalidRequestException(
                    $"'{source}' looks like a table: {shape.Describe()}; give {SettingName.Column} with the name or the "
                    + $"number of the column that holds the names, or {SettingName.Column} {NamesFormat.NoColumn} where each line is one");
            }
            return Lines(text, format.Comment).Select(line => (line.Number, (string?)line.Text, line.IsWhole ? null : TooLong));
        }
        return Column(source, text, format, format.Column);
    }

    /// <summary>The lines of a text that are no comments, with their numbers from 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="comment">What a comment begins with, or null.</param>
    /// <returns>Each line without its end; of a very long one the beginning, and that it is not whole.</returns>
    public static IEnumerable<(int Number, string Text, bool IsWhole)> Lines(NamesText text, char? comment)
    {
        using TextReader reader = text.Open();
        var block = new char[BlockCharacters];
        var begun = new StringBuilder();
        int number = 1;
        bool isWhole = true;
        bool isAfterReturn = false;
        for (int length; (length = reader.ReadBlock(block)) > 0;)
        {
            // CR LF is one end, also where a block ends between them.
            int start = isAfterReturn && block[0] == '\n' ? 1 : 0;
            for (int end; (end = block.AsSpan(start..length).IndexOfAny(LineEnds)) >= 0;)
            {
                isWhole &= begun.Length + end <= LongestLine;
                string line = begun.Append(isWhole ? block.AsSpan(start, end) : []).ToString();
                start += end;
                isAfterReturn = block[start++] == '\r';
                start += isAfterReturn && start < length && block[start] == '\n' ? 1 : 0;
                if (IsWanted(line, comment))
                {
                    yield return (number, line, isWhole);
                }
                begun.Clear();
                isWhole = true;
                number++;
            }
            isWhole &= begun.Length + length - start <= LongestLine;
            begun.Append(isWhole ? block.AsSpan(start..length) : []);
            isAfterReturn = start == length && block[length - 1] == '\r';
        }
        if (begun.Length > 0 && IsWanted(begun.ToString(), comment))
        {
            yield return (number, begun.ToString(), isWhole);
        }
    }

    static bool IsWanted(string line, char? comment) => line.Length == 0 || line[0] != comment;

    static IEnumerable<(int Line, string? Name, string? Fault)> Column(string source, NamesText text, NamesFormat format, string column)
    {
        if (Lines(text, comment: null).FirstOrDefault(line => !line.IsWhole) is { Number: > 0 } tooLong)
        {
            throw new InvalidRequestException($"'{source}' has a line that is no row of a table: line {tooLong.Number} {TooLong}; mend it");
        }
        string separator = format.Separator ?? TableShape.Of(text, format.Comment)?.Separator.ToString() ?? ",";
        bool isBad = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator,
            AllowComments = format.Comment is not null,
            Comment = format.Comment ?? '#',
            HasHeaderRecord = false,
            BadDataFound = _ => isBad = true,
            MaxFieldSize = LongestLine,
        };
        using TextReader reader = text.Open();
        using var parser = new CsvParser(reader, configuration);
        int index = -1;
        if (int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            index = number - 1;
        }
        else if (ReadRow(parser, source))
        {
            index = Array.FindIndex(parser.Record!, field => field.Trim() == column);
        }
        if (index < 0)
        {
            IEnumerable<string> fields = (number > 0 ? null : parser.Record)?.Take(ShownColumns).Select(field => $"'{field.Trim()}'") ?? [];
            string known = fields.Any() ? $" ({string.Join(", ", fields)})" : "";
            throw new InvalidRequestException(
                $"'{source}' has no column '{column}' in its first line{known}: give {SettingName.Column} with one of its names, or a "
                    + $"number from 1");
        }
        bool found = false;
        while (ReadRow(parser, source))
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
                $"'{source}' has no column {index + 1} where '{separator}' separates them: give another {SettingName.Column} or "
                    + $"{SettingName.Separator}");
        }
    }

    static bool ReadRow(CsvParser parser, string source)
    {
        try
        {
            return parser.Read();
        }
        catch (MaxFieldSizeException fault)
        {
            throw new InvalidRequestException(
                $"'{source}' has a quote that does not end, or a field that {TooLong}, up to line {parser.RawRow}: mend it", fault);
        }
    }
}
