using System.Diagnostics;
using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Export;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// The losses of a run, and what a watch saw, for TensorBoard: a file of events, each a step with the values of that step. TensorBoard
/// shows them while they are written.
/// </summary>
sealed class EventLog : IDisposable
{
    const int BufferBytes = 1 << 16;
    const string Version = "brain.Event:2";

    // The fields of the messages Event, Summary and Summary.Value in TensorFlow's event.proto and summary.proto.
    const int TimeField = 1;
    const int StepField = 2;
    const int VersionField = 3;
    const int SummaryField = 5;
    const int ValueField = 1;
    const int TagField = 1;
    const int NumberField = 2;

    // Where the step stands in an event of this program: after the time, with a tag of a byte each.
    const int StepTagAt = 1 + sizeof(double);
    const byte StepTag = StepField << 3;

    static readonly TimeSpan BetweenFlushes = TimeSpan.FromSeconds(1);

    readonly RunFolder folder;
    readonly LossSchedule schedule;
    FileStream? file;
    long flushed = Stopwatch.GetTimestamp();

    /// <summary>Begins the file of a run, or goes on with it: what was written of a step and of later ones goes.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="schedule">Which losses are written.</param>
    /// <param name="step">The step.</param>
    public EventLog(RunFolder folder, LossSchedule schedule, int step)
    {
        this.folder = folder;
        this.schedule = schedule;
        folder.Try(folder.Events, path =>
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, BufferBytes);
            long end = RecordFile.Read(file).TakeWhile(record => StepOf(record.Content) < step).LastOrDefault().End;
            file.SetLength(end);
            file.Position = end;
            if (end == 0)
            {
                RecordFile.Write(file, new ProtobufMessage().Add(TimeField, Now).Add(VersionField, Version).Bytes);
            }
        });
    }

    static double Now => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>Writes the losses of some steps.</summary>
    /// <param name="results">The steps.</param>
    public void Write(IReadOnlyList<StepResult> results) => Log(events =>
    {
        foreach (StepResult result in results.Where(schedule.Takes))
        {
            Write(events, result.Step, new Dictionary<string, double?>
            {
                ["loss"] = result.Loss,
                ["learning_rate"] = result.LearningRate,
                ["dev_loss"] = result.DevLoss,
            });
        }
        if (Stopwatch.GetElapsedTime(flushed) >= BetweenFlushes)
        {
            events.Flush();
            flushed = Stopwatch.GetTimestamp();
        }
    });

    /// <summary>Writes what a watch saw.</summary>
    /// <param name="seen">What it saw.</param>
    public void Write(WatchedStep seen) => Log(events => Write(
        events, seen.Step,
        seen.Saturated.Select(layer => KeyValuePair.Create(
            string.Create(CultureInfo.InvariantCulture, $"saturated/layer {layer.Key}"), (double?)layer.Value))
            .Concat(seen.UpdateToData.Keys.Select(matrix => KeyValuePair.Create(
                $"log10 update to data/{matrix}", (double?)seen.LogUpdateToData(matrix))))));

    /// <inheritdoc/>
    public void Dispose() => Log(events => events.Dispose());

    void Log(Action<FileStream> write)
    {
        if (file is not null)
        {
            folder.TryLog(folder.Events, _ => write(file));
        }
    }

    static void Write(FileStream file, int step, IEnumerable<KeyValuePair<string, double?>> values)
    {
        var summary = new ProtobufMessage();
        foreach ((string tag, double? value) in values)
        {
            if (value is { } number)
            {
                summary.Add(ValueField, new ProtobufMessage().Add(TagField, tag).Add(NumberField, (float)number));
            }
        }
        RecordFile.Write(file, new ProtobufMessage().Add(TimeField, Now).Add(StepField, step).Add(SummaryField, summary).Bytes);
    }

    // That of the version comes before all steps.
    static long StepOf(ReadOnlySpan<byte> content)
    {
        if (content.Length <= StepTagAt || content[StepTagAt] != StepTag)
        {
            return -1;
        }
        long step = 0;
        int shift = 0;
        foreach (byte value in content[(StepTagAt + 1)..])
        {
            step |= (long)(value & 0x7f) << shift;
            shift += 7;
            if (value < 0x80)
            {
                break;
            }
        }
        return step;
    }
}
