using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Output;

/// <summary>
/// Keeps a folder for one process: a lock of the operating system on a file in it, which ends with the process, however that ends. The file
/// goes with the lock.
/// </summary>
sealed class FolderLock : IDisposable
{
    /// <summary>The file.</summary>
    public const string File = ".lock";

    readonly FileStream stream;

    FolderLock(FileStream stream) => this.stream = stream;

    /// <summary>Locks a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidRequestException">Another process has locked it, or nothing can be written there.</exception>
    public static FolderLock Take(string folder)
    {
        string path = Path.Combine(folder, File);
        try
        {
            return new FolderLock(new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose));
        }
        catch (IOException fault) when (System.IO.File.Exists(path))
        {
            throw new InvalidRequestException(
                $"another process is writing to the run folder '{folder}': give another --run, or wait for its end", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new InvalidRequestException(
                $"the run folder '{folder}' cannot be written: {Explanation.ReasonOf(fault)}: give another --run", fault);
        }
    }

    /// <summary>Whether a process has locked a folder. What a killed one has left of its lock does not count.</summary>
    /// <param name="folder">The folder.</param>
    public static bool IsHeld(string folder)
    {
        string path = Path.Combine(folder, File);
        try
        {
            // The lock of a reader, which several may have: two who ask do not take each other for a run.
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1).Dispose();
            return false;
        }
        catch (IOException fault)
        {
            return fault is not (FileNotFoundException or DirectoryNotFoundException) && System.IO.File.Exists(path);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
