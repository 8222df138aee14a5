using System.Runtime.InteropServices;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>
/// Files that are whole or not there, whenever the process is killed or the power goes: written under another name, flushed to the disk,
/// and renamed.
/// </summary>
static partial class DurableFile
{
    /// <summary>What follows the name of a file that is being written.</summary>
    public const string PartialEnding = ".partial";

    const int ReadOnly = 0;

    /// <summary>
    /// Writes a file, replacing an older one. Where it cannot be written, the older one stays, and nothing is left beside it.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes what it holds.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string partial = path + PartialEnding;
        // A link that stands there would have its target overwritten.
        File.Delete(partial);
        try
        {
            using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            Delete(partial);
            throw;
        }
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Brings what was written to a file to the disk.</summary>
    /// <param name="path">The file, which another stream may still be writing.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Brings the names of a folder's files to the disk: a new file is there only when its name is. Windows sees to that by itself.
    /// </summary>
    /// <param name="folder">The folder.</param>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        int descriptor = Open(folder, ReadOnly);
        if (descriptor >= 0)
        {
            // Some file systems do not flush folders: the file itself is there all the same.
            _ = Flush(descriptor);
            _ = Close(descriptor);
        }
    }

    static void Delete(string partial)
    {
        try
        {
            File.Delete(partial);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The fault that brought us here tells more.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
