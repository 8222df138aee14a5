using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.History;

/// <summary>
/// The files of a run that the program itself has written, and may delete: those that it knows by their names, where they are files, and
/// no links to some.
/// </summary>
static class OwnFiles
{
    /// <summary>Its checkpoints.</summary>
    /// <param name="folder">The folder of the run.</param>
    public static IReadOnlyList<string> Checkpoints(string folder) =>
        IsFolder(RunFolder.CheckpointsOf(folder).Path) ? [.. RunFolder.CheckpointsOf(folder).AllFiles.Where(IsFile)] : [];

    /// <summary>All of them, its settings last: until these are gone it is known as a run.</summary>
    /// <param name="folder">The folder of the run.</param>
    public static IReadOnlyList<string> All(string folder)
    {
        IEnumerable<string> files = RunFolder.Files.OrderBy(name => name == RunFolder.ConfigurationFile)
            .Select(name => Path.Combine(folder, name));
        IEnumerable<string> page = OutputFolder.PageFiles(folder).Where(file => IsFolder(Path.GetDirectoryName(file)!));
        IEnumerable<string> halves = files.Select(file => file + DurableFile.PartialEnding);
        return [.. Checkpoints(folder), .. page.Concat(halves).Concat(files).Where(IsFile)];
    }

    /// <summary>Deletes files, and the folders that are empty without them.</summary>
    /// <param name="files">The files.</param>
    /// <exception cref="IOException">One cannot be deleted.</exception>
    public static void Delete(IEnumerable<string> files)
    {
        foreach (IGrouping<string, string> folder in files.ToLookup(file => Path.GetDirectoryName(file)!))
        {
            foreach (string file in folder)
            {
                File.Delete(file);
            }
            DeleteEmpty(folder.Key);
        }
    }

    /// <summary>Deletes a folder, where it is empty.</summary>
    /// <param name="folder">The folder.</param>
    public static void DeleteEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    /// <summary>Whether something is a folder, and no link to one.</summary>
    /// <param name="path">The path.</param>
    public static bool IsFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    static bool IsFile(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null };
}
