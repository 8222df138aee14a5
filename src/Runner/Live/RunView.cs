using System.Text.Json;
using Makemore.Gpu.Runner.Display.Web;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Live;

/// <summary>What a page shows of a run at a moment.</summary>
/// <param name="Title">What is trained; nothing as long as that is not known.</param>
/// <param name="Status">How it goes, or how it ended.</param>
/// <param name="IsOver">Whether it has ended.</param>
/// <param name="Done">The part of its steps that is done, 0 to 1.</param>
/// <param name="Facts">The numbers of now.</param>
/// <param name="Charts">The curves.</param>
/// <param name="Names">Names that the network has drawn.</param>
/// <param name="NamesFrom">When it drew them.</param>
sealed record RunView(
    string Title, string Status, bool IsOver, double Done, IReadOnlyList<Fact> Facts, IReadOnlyList<Chart> Charts,
    IReadOnlyList<Word> Names, string NamesFrom)
{
    /// <summary>It as JSON, for <c>dashboard.js</c>.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("title", Title);
            json.WriteString("status", Status);
            json.WriteBoolean("isOver", IsOver);
            json.WriteNumber("done", Done);
            Write(json, "facts", Facts, fact => (fact.Name, fact.Value, fact.Note));
            Write(json, "words", Names, word => (word.Text, "", word.Note));
            json.WriteString("namesFrom", NamesFrom);
            json.WriteStartObject("charts");
            foreach (Chart chart in Charts)
            {
                json.WritePropertyName(chart.Name);
                ChartData.Write(json, chart);
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    static void Write<T>(Utf8JsonWriter json, string property, IReadOnlyList<T> entries, Func<T, (string, string, string)> texts)
    {
        json.WriteStartArray(property);
        foreach ((string name, string value, string note) in entries.Select(texts))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("value", value);
            json.WriteString("note", note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
