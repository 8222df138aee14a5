using System.Globalization;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>A folder of checkpoints: the last two of a run, so that one is whole whatever happens to the other.</summary>
/// <param name="path">The folder.</param>
sealed class CheckpointFolder(string path)
{
    const int Kept = 2;
    const string Prefix = "step-";
    const string Ending = ".safetensors";

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>The checkpoints that are there, the newest first.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(path)
        ? [.. from file in Directory.EnumerateFiles(path, $"{Prefix}*{Ending}")
              let step = StepOf(file)
              where step is not null
              orderby step descending
              select file]
        : [];

    /// <summary>The checkpoints that are there, and what a killed program has left of others.</summary>
    public IReadOnlyList<string> AllFiles =>
        [.. Files, .. Directory.Exists(path) ? Directory.EnumerateFiles(path, $"{Prefix}*{Ending}{DurableFile.PartialEnding}") : []];

    /// <summary>The steps after which the newest checkpoint was kept; null where there is none.</summary>
    public int? NewestStep => Files is [var newest, ..] ? StepOf(newest) : null;

    /// <summary>
    /// Writes a checkpoint, and deletes all but this one and the one before it. One of a later step is of another run, or it is damaged.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <exception cref="IOException">It cannot be written; those that were there stay.</exception>
    public void Write(ModelFile checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Directory.CreateDirectory(path);
        checkpoint.Write(System.IO.Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{checkpoint.Step}{Ending}")));
        DeleteAllBut(Files.Where(file => StepOf(file) <= checkpoint.Step).Take(Kept));
    }

    /// <summary>Reads the newest checkpoint that is whole.</summary>
    /// <param name="broken">Told why a newer one is not taken, in a line.</param>
    /// <exception cref="InvalidRequestException">There is none.</exception>
    public ModelFile ReadNewest(Action<string> broken)
    {
        ArgumentNullException.ThrowIfNull(broken);
        foreach (string file in Files)
        {
            try
            {
                ModelFile checkpoint = ModelFile.Read(file);
                if (checkpoint.Training is { } state && state.StepsDone == checkpoint.Step)
                {
                    return checkpoint;
                }
                broken($"'{file}' is no checkpoint: it does not hold the state of training");
            }
            catch (InvalidRequestException fault)
            {
                broken(fault.Message);
            }
        }
        throw new InvalidRequestException($"'{path}' holds no checkpoint that can be read: train again");
    }

    void DeleteAllBut(IEnumerable<string> kept)
    {
        foreach (string file in AllFiles.Except(kept))
        {
            File.Delete(file);
        }
    }

    static int? StepOf(string file)
    {
        ReadOnlySpan<char> name = System.IO.Path.GetFileNameWithoutExtension(file.AsSpan())[Prefix.Length..];
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : null;
    }
}
