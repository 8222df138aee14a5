using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>Brings the model of a run to a disk, wherever there is one that takes it.</summary>
static class ModelOutput
{
    /// <summary>Writes the model into the folder of the run; where that cannot be, to the folder of temporary files.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be written to either of them.</exception>
    public static string Write(ModelFile model, RunFolder folder)
    {
        try
        {
            // Somebody may have renamed it.
            Directory.CreateDirectory(folder.Path);
            model.Write(folder.Model);
            return folder.Model;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A folder of its own, since another run's model may stand there already.
            string other = Path.Combine(Directory.CreateTempSubdirectory("makemore-").FullName, RunFolder.ModelFileName);
            model.Write(other);
            throw new IOException(
                $"'{folder.Model}' cannot be written ({Explanation.ReasonOf(fault)}): the model stands in '{other}'", fault);
        }
    }
}
