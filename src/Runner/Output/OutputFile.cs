using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Output;

/// <summary>A file that a person asked for.</summary>
static class OutputFile
{
    /// <summary>Refuses a file that can never be, or is there already and may not be written over.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="force">Whether it may be there.</param>
    /// <exception cref="InvalidRequestException">It is refused.</exception>
    public static void CheckFree(string option, string path, bool force)
    {
        if (path.Length == 0)
        {
            throw new InvalidRequestException($"{option} is '' and must be the name of a file");
        }
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
        {
            throw new InvalidRequestException($"{option} is '{path}', a folder: give the name of a file");
        }
        if (File.Exists(path) && !force)
        {
            throw new InvalidRequestException($"'{path}' is there already: give {option} another name, or --force to write over it");
        }
    }

    /// <summary>Writes a file, and makes its folder where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="content">What it holds.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="InvalidRequestException">It cannot be written there.</exception>
    public static string Write(string folder, string name, byte[] content) =>
        Write(folder, name, path => File.WriteAllBytes(path, content));

    /// <summary>Writes a file, and makes its folder where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="write">Writes the file of a path.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="InvalidRequestException">It cannot be written there.</exception>
    public static string Write(string folder, string name, Action<string> write)
    {
        string path = Path.Combine(folder, name);
        try
        {
            if (folder.Length > 0)
            {
                Directory.CreateDirectory(folder);
            }
            write(path);
            return path;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidRequestException($"'{path}' cannot be written: {Explanation.ReasonOf(fault)}: give another folder", fault);
        }
    }
}
