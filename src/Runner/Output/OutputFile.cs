using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Output;

/// <summary>A file that a person asked for.</summary>
static class OutputFile
{
    /// <summary>Writes a file, and makes its folder where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="content">What it holds.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="InvalidRequestException">It cannot be written there.</exception>
    public static string Write(string folder, string name, byte[] content)
    {
        string path = Path.Combine(folder, name);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(path, content);
            return path;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidRequestException($"'{path}' cannot be written: {Explanation.ReasonOf(fault)}: give another folder", fault);
        }
    }
}
