using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Runner.Data;

/// <summary>
/// Where names stand, as a model and the folder of its run say it: by a path from that folder, with which the names may be moved, and
/// never by a path of this machine.
/// </summary>
static class DataSource
{
    /// <summary>
    /// What a file says of its names: their path from its folder; where the two have only the root in common, the name alone.
    /// </summary>
    /// <param name="source">The path from the working folder, or what the names are.</param>
    /// <param name="folder">The folder.</param>
    public static string From(string source, string folder)
    {
        if (!File.Exists(source))
        {
            return source;
        }
        string path = Path.GetFullPath(source);
        string relative = Path.GetRelativePath(Path.GetFullPath(folder), path);
        return TopOf(path) == TopOf(Path.GetFullPath(folder)) && !Path.IsPathRooted(relative)
            ? relative.Replace(Path.DirectorySeparatorChar, '/')
            : Path.GetFileName(path);
    }

    /// <summary>
    /// The files that names may be in, where a file says so: from its own folder, from the folder above it, and from the working folder.
    /// What a file says is a hint of whoever made it: a pipe or a device is not opened, and no network is asked for a file.
    /// </summary>
    /// <param name="source">What it says.</param>
    /// <param name="folder">Its folder; null where it has none.</param>
    public static IEnumerable<string> Candidates(string source, string? folder) => source is "" or ['/' or '\\', '/' or '\\', ..]
        ? []
        : new[] { source, Path.GetFileName(source) }
            .SelectMany(path => FoldersOf(folder).Select(place => Path.Combine(place, path)))
            .Distinct().Where(path => RegularFile.LengthOf(path) > 0);

    /// <summary>What a file says, for messages: a path from its folder becomes one from the working folder.</summary>
    /// <param name="source">What it says.</param>
    /// <param name="folder">Its folder; null where it has none.</param>
    public static string Shown(string source, string? folder) =>
        folder is not null && source.StartsWith("../", StringComparison.Ordinal)
            ? Path.GetRelativePath(".", Path.Combine(folder, source))
            : source;

    // A checkpoint stands in a folder of the run's, and so does a model of a sweep.
    static IEnumerable<string> FoldersOf(string? folder) => folder is null ? [""] : [folder, Path.Combine(folder, ".."), ""];

    // The first folder below the root.
    static string TopOf(string path) => path[(Path.GetPathRoot(path)?.Length ?? 0)..].Split(Path.DirectorySeparatorChar)[0];
}
