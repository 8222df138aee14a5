using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>Tells files from what only looks like one: a pipe or a device, whose reading may wait for ever and never end.</summary>
public static class RegularFile
{
    /// <summary>The bytes of a file; 0 for one that is empty, is no regular file, or is not there. Nothing is opened.</summary>
    /// <param name="path">The path, which may be a link to it.</param>
    public static long LengthOf(string path)
    {
        try
        {
            return File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)) is FileInfo file
                && file.Exists
                ? file.Length
                : 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Such as links in a circle.
            return 0;
        }
    }

    /// <summary>Why a file cannot be opened, in words for a message.</summary>
    /// <param name="path">The path.</param>
    /// <param name="fault">What opening it threw.</param>
    public static string WhyUnreadable(string path, Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault switch
        {
            FileNotFoundException or DirectoryNotFoundException or ArgumentException => "there is no such file",
            UnauthorizedAccessException when Directory.Exists(path) => "it is a folder, not a file",
            _ => Explanation.ReasonOf(fault),
        };
    }
}
