using System.Globalization;
using CsvHelper;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>The losses of a run as a table for other programs, with the columns of <c>metrics.jsonl</c>.</summary>
static class MetricsCsv
{
    /// <summary>Writes the table, by the losses that the run has written down.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="InvalidRequestException">The losses cannot be read.</exception>
    public static void Write(string path, string folder) => DurableFile.Write(path, file =>
    {
        using var text = new StreamWriter(file, leaveOpen: true);
        using var csv = new CsvWriter(text, CultureInfo.InvariantCulture);
        WriteRow(csv, ["step", "loss", "learning_rate", "dev_loss"]);
        foreach (StepResult result in FinishedRun.ReadMetrics(folder))
        {
            WriteRow(csv, [result.Step, result.Loss, result.LearningRate, result.DevLoss]);
        }
    });

    static void WriteRow(CsvWriter csv, ReadOnlySpan<object?> values)
    {
        foreach (object? value in values)
        {
            csv.WriteField(value);
        }
        csv.NextRecord();
    }
}
