using System.Globalization;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Output;

/// <summary>Folders that commands write their files to: never into one that is there already, unless that was asked for.</summary>
static class OutputFolder
{
    /// <summary>The page with everything that a command found.</summary>
    public const string ReportFile = "report.html";

    /// <summary>The folder of the page's pictures.</summary>
    public const string PicturesFolder = "plots";

    /// <summary>What stands at the head of each SVG that the program draws, so that it can be told from others' pictures.</summary>
    public const string PictureMark = "class=\"makemore\"";

    /// <summary>The folder of the runs that were given none.</summary>
    public const string RunsFolder = "runs";

    /// <summary>The folders that are in the folder of runs.</summary>
    public static IEnumerable<string> Runs => Directory.Exists(RunsFolder) ? Directory.EnumerateDirectories(RunsFolder) : [];

    // Enough of an SVG to find the mark in it.
    const int HeadLength = 500;

    /// <summary>Refuses a folder that is there already, or that can never be.</summary>
    /// <param name="asked">The folder that was asked for; null for the next free one.</param>
    /// <param name="force">Whether it may be there.</param>
    /// <param name="files">The files that will be written to it.</param>
    /// <exception cref="InvalidRequestException">It is refused.</exception>
    public static void CheckFree(string? asked, bool force, IEnumerable<string> files)
    {
        if (asked is not { } path)
        {
            // One with the next free number is made when its time comes.
            CheckAbove(Path.Combine(RunsFolder, "NAME-N"));
            return;
        }
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
            throw Exists(path);
        }
        CheckAbove(path);
        CheckFiles(path, files);
        CheckMakeable(path);
    }

    /// <summary>Refuses a folder in which a folder stands where a file must, or a file where the pictures go.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="files">The files that will be written to it.</param>
    /// <exception cref="InvalidRequestException">It is refused.</exception>
    public static void CheckFiles(string path, IEnumerable<string> files)
    {
        foreach (string file in files.Select(name => Path.Combine(path, name)).Where(Directory.Exists))
        {
            throw new InvalidRequestException($"'{file}' is a folder, where a file of the run must stand: give another --run");
        }
        string pictures = Path.Combine(path, PicturesFolder);
        if (File.Exists(pictures))
        {
            throw new InvalidRequestException($"'{pictures}' is a file, where the folder of the pictures must stand: give another --run");
        }
    }

    /// <summary>Makes a folder, and the first files in it. Where they cannot be made, no folder is left behind.</summary>
    /// <remarks>Of several calls in the same moment each gets a folder of its own, or is refused.</remarks>
    /// <typeparam name="T">What stands for the folder.</typeparam>
    /// <param name="asked">The folder that was asked for; null for <c>runs/NAME-N</c> with the next free N.</param>
    /// <param name="name">What is run, for the name.</param>
    /// <param name="force">Whether the folder that was asked for may be there.</param>
    /// <param name="fill">Makes the first files in the folder.</param>
    /// <exception cref="InvalidRequestException">It cannot be written.</exception>
    public static T Create<T>(string? asked, string name, bool force, Func<string, T> fill)
    {
        string path = asked ?? Path.Combine(RunsFolder, name);
        bool isNew = false;
        string[] missing = [];
        try
        {
            missing = [.. MissingAbove(path)];
            isNew = asked is null ? TakeNext(name, out path) : TryMake(path);
            return isNew || force ? fill(path) : throw Exists(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            if (isNew && Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            // Others may have put something into a folder that was made for this one.
            foreach (string above in missing.Where(above => Directory.Exists(above) && !Directory.EnumerateFileSystemEntries(above).Any()))
            {
                Directory.Delete(above);
            }
            throw new InvalidRequestException(
                $"the run folder '{path}' cannot be written: {Explanation.ReasonOf(fault)}: give another --run", fault);
        }
    }

    /// <summary>Writes a page to a folder. The page and the pictures of an earlier call would show something else, and go.</summary>
    /// <typeparam name="T">What was written.</typeparam>
    /// <param name="asked">The folder that was asked for; null for <c>runs/NAME-N</c> with the next free N.</param>
    /// <param name="name">What is run, for the name.</param>
    /// <param name="force">Whether the folder that was asked for may be there.</param>
    /// <param name="write">Writes the page to the folder.</param>
    /// <exception cref="InvalidRequestException">It cannot be written, or another process is writing to the folder.</exception>
    public static T WritePage<T>(string? asked, string name, bool force, Func<string, T> write) => Create(asked, name, force, path =>
    {
        using var held = FolderLock.Take(path);
        Clear(path);
        return write(path);
    });

    /// <summary>Deletes some files of an earlier run, its page and its pictures. What others have put there stays.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="files">The files.</param>
    public static void Clear(string path, params string[] files)
    {
        foreach (string file in files.Select(name => Path.Combine(path, name)).Concat(PageFiles(path)))
        {
            File.Delete(file);
        }
    }

    /// <summary>The files of a page, and of its pictures as far as they are there and are not others'.</summary>
    /// <param name="path">The folder.</param>
    public static IEnumerable<string> PageFiles(string path)
    {
        string pictures = Path.Combine(path, PicturesFolder);
        IEnumerable<string> own = Directory.Exists(pictures) ? Directory.GetFiles(pictures, "*.svg").Where(IsOwn) : [];
        return own.SelectMany(svg => (string[])[svg, Path.ChangeExtension(svg, ".png")]).Prepend(Path.Combine(path, ReportFile));
    }

    static bool IsOwn(string svg)
    {
        using StreamReader reader = File.OpenText(svg);
        var head = new char[HeadLength];
        return head.AsSpan(0, reader.ReadBlock(head)).Contains(PictureMark, StringComparison.Ordinal);
    }

    static void CheckAbove(string path)
    {
        if (MissingAbove(path).FirstOrDefault(File.Exists) is { } file)
        {
            throw new InvalidRequestException($"the run folder '{path}' cannot be made, for '{file}' is a file: give another --run");
        }
    }

    // A name that the system does not take, and a folder that may not be written, are told before the work and not after it.
    static void CheckMakeable(string path)
    {
        string[] missing = [.. MissingAbove(path)];
        if (Directory.Exists(path))
        {
            return;
        }
        Create(path, path, force: true, made =>
        {
            Directory.Delete(made, recursive: true);
            Array.ForEach(missing, Directory.Delete);
            return made;
        });
    }

    static InvalidRequestException Exists(string path) =>
        new($"the run folder '{path}' exists: give another --run, or --force to write into it");

    // The folders above one that are not there, the lowest first.
    static IEnumerable<string> MissingAbove(string path)
    {
        for (string? above = Path.GetDirectoryName(Path.GetFullPath(path)); above is not null && !Directory.Exists(above);
            above = Path.GetDirectoryName(above))
        {
            yield return above;
        }
    }

    static bool TakeNext(string name, out string path)
    {
        int number = 1;
        do
        {
            path = Path.Combine(RunsFolder, string.Create(CultureInfo.InvariantCulture, $"{name}-{number++}"));
        }
        while (File.Exists(path) || !TryMake(path));
        return true;
    }

    // Making a folder that is there already succeeds, so that two calls would share it. A folder with a file in it is made under a name
    // that nobody else has, and renamed, which only one call can do.
    static bool TryMake(string path)
    {
        if (Directory.Exists(path))
        {
            return false;
        }
        string full = Path.GetFullPath(path);
        string parent = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(parent);
        string made = Path.Combine(parent, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}");
        Directory.CreateDirectory(made);
        try
        {
            File.WriteAllBytes(Path.Combine(made, FolderLock.File), []);
            Directory.Move(made, full);
            return true;
        }
        catch (IOException) when (Directory.Exists(full))
        {
            return false;
        }
        finally
        {
            if (Directory.Exists(made))
            {
                Directory.Delete(made, recursive: true);
            }
        }
    }
}
