using System.Globalization;
using System.Text.Unicode;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>Which losses of a run are written down: those of every N-th step and of the last one, and every dev loss.</summary>
/// <param name="Every">N.</param>
/// <param name="Steps">The steps of the run.</param>
readonly record struct LossSchedule(int Every, int Steps)
{
    /// <summary>Whether the result of a step is written.</summary>
    /// <param name="result">The result.</param>
    public bool Takes(StepResult result) => result.Step % Every == 0 || result.Step == Steps - 1 || result.DevLoss is not null;
}

/// <summary>The losses of a run in their file, one JSON object on each line.</summary>
sealed class LossLog : IDisposable
{
    const int BufferBytes = 1 << 16;

    // Four numbers and their names.
    const int LongestLine = 192;

    readonly FileStream file;
    readonly LossSchedule schedule;

    LossLog(string path, FileMode mode, LossSchedule schedule)
    {
        file = new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite, BufferBytes);
        this.schedule = schedule;
    }

    /// <summary>Begins a file, replacing an older one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schedule">Which losses are written.</param>
    public static LossLog Create(string path, LossSchedule schedule) => new(path, FileMode.Create, schedule);

    /// <summary>Goes on with a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schedule">Which losses are written.</param>
    public static LossLog Append(string path, LossSchedule schedule) => new(path, FileMode.Append, schedule);

    /// <summary>Writes the losses of some steps.</summary>
    /// <param name="results">The steps.</param>
    public void Write(IReadOnlyList<StepResult> results)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        foreach (StepResult result in results)
        {
            if (schedule.Takes(result))
            {
                // JSON has no word for what is not a number.
                float? loss = float.IsFinite(result.Loss) ? result.Loss : null;
                double? dev = result.DevLoss is { } measured && double.IsFinite(measured) ? measured : null;
                Utf8.TryWrite(
                    line, CultureInfo.InvariantCulture,
                    $"{{\"step\":{result.Step},\"loss\":{loss}{(loss is null ? "null" : "")},\"learning_rate\":{result.LearningRate}"
                    + $"{(dev is null ? "" : ",\"dev_loss\":")}{dev}}}\n",
                    out int length);
                file.Write(line[..length]);
            }
        }
    }

    /// <summary>Hands what was written to the system.</summary>
    public void Flush() => file.Flush();

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
