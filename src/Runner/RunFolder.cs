using System.Globalization;
using System.Text.Unicode;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner;

/// <summary>The folder of a run: its settings, the loss of every step, and the model.</summary>
sealed class RunFolder : IDisposable
{
    const int BufferBytes = 1 << 16;

    // Three numbers and their names.
    const int LongestLine = 128;

    static readonly string[] FileNames = ["config.json", "metrics.jsonl", "model.safetensors"];

    readonly FileStream metrics;
    readonly int logEvery;

    RunFolder(string path, string settings, int logEvery)
    {
        Path = path;
        this.logEvery = logEvery;
        File.Delete(Model);
        File.WriteAllText(System.IO.Path.Combine(path, "config.json"), settings + "\n");
        metrics = new FileStream(Metrics, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The file of losses, one JSON object on each line.</summary>
    public string Metrics => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>The file of the model.</summary>
    public string Model => System.IO.Path.Combine(Path, "model.safetensors");

    /// <summary>Where the run of a recipe goes, where nobody asked for a folder: <c>runs/RECIPE-N</c> with the next free N.</summary>
    /// <param name="recipe">The recipe's name.</param>
    public static string NextFree(string recipe)
    {
        int number = 1;
        while (Directory.Exists(Candidate()) || File.Exists(Candidate()))
        {
            number++;
        }
        return Candidate();

        string Candidate() => System.IO.Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"{recipe}-{number}"));
    }

    /// <summary>Refuses a folder that is there already.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="force">Whether it may be.</param>
    public static void CheckFree(string path, bool force)
    {
        if (path.Length == 0)
        {
            throw new InvalidRequestException("the run folder is '': give --run the name of a folder");
        }
        if (File.Exists(path))
        {
            throw new InvalidRequestException($"the run folder '{path}' is a file: give another --run");
        }
        if (Directory.Exists(path) && !force)
        {
            throw new InvalidRequestException($"the run folder '{path}' exists: give another --run, or --force to write into it");
        }
        string? above = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        while (above is not null && !Directory.Exists(above))
        {
            if (File.Exists(above))
            {
                throw new InvalidRequestException($"the run folder '{path}' cannot be made, for '{above}' is a file: give another --run");
            }
            above = System.IO.Path.GetDirectoryName(above);
        }
        foreach (string file in FileNames)
        {
            if (Directory.Exists(System.IO.Path.Combine(path, file)))
            {
                throw new InvalidRequestException($"'{System.IO.Path.Combine(path, file)}' is a folder, where a file of the run must stand: give another --run");
            }
        }
    }

    /// <summary>Makes the folder and its first files; the model of an earlier run in the same folder goes.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="settings">Every resolved setting, as JSON.</param>
    /// <param name="logEvery">Every how many steps a loss is written.</param>
    public static RunFolder Create(string path, string settings, int logEvery)
    {
        string? topmostMade = null;
        try
        {
            for (string? part = System.IO.Path.GetFullPath(path); part is not null && !Directory.Exists(part); part = System.IO.Path.GetDirectoryName(part))
            {
                topmostMade = part;
            }
            Directory.CreateDirectory(path);
            return new RunFolder(path, settings, logEvery);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            if (Directory.Exists(topmostMade))
            {
                Directory.Delete(topmostMade, recursive: true);
            }
            throw new InvalidRequestException($"the run folder '{path}' cannot be written: {fault.Message}: give another --run", fault);
        }
    }

    /// <summary>Writes the losses of some steps.</summary>
    /// <param name="results">The steps.</param>
    public void Write(IReadOnlyList<StepResult> results)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        foreach (StepResult result in results)
        {
            if (result.Step % logEvery == 0)
            {
                // JSON has no word for what is not a number.
                float? loss = float.IsFinite(result.Loss) ? result.Loss : null;
                Utf8.TryWrite(
                    line, CultureInfo.InvariantCulture,
                    $"{{\"step\":{result.Step},\"loss\":{loss}{(loss is null ? "null" : "")},\"learning_rate\":{result.LearningRate}}}\n", out int length);
                metrics.Write(line[..length]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => metrics.Dispose();
}
