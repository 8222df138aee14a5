using System.Text.Json;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>A file with a JSON object on each line, each of a later step than the one before.</summary>
static class StepLog
{
    /// <summary>
    /// Cuts off a step and all later ones, and what a killed program has left of a line. Without the file there is nothing to do.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="step">The step.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Truncate(string path, int step)
    {
        if (!File.Exists(path))
        {
            return;
        }
        byte[] bytes = File.ReadAllBytes(path);
        int end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        while (end > 0)
        {
            int start = bytes.AsSpan(0, end - 1).LastIndexOf((byte)'\n') + 1;
            if (StepOf(bytes.AsSpan(start..end)) < step)
            {
                break;
            }
            end = start;
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.SetLength(end);
    }

    // Nothing where the line is damaged, as a disk may leave it that lost its power.
    static int? StepOf(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.TryGetProperty("step", out JsonElement step) && step.TryGetInt32(out int number) ? number : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
