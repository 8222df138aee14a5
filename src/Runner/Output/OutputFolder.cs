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

    static readonly string[] PictureEndings = ["*.png", "*.svg"];

    /// <summary>Where files go when nobody asked for a folder: <c>runs/NAME-N</c> with the next free N.</summary>
    /// <param name="name">What is run.</param>
    public static string NextFree(string name)
    {
        int number = 1;
        while (Directory.Exists(Candidate()) || File.Exists(Candidate()))
        {
            number++;
        }
        return Candidate();

        string Candidate() => Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
    }

    /// <summary>Refuses a folder that is there already, or that can never be.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="force">Whether it may be there.</param>
    /// <param name="files">The files that will be written to it.</param>
    /// <exception cref="InvalidRequestException">It is refused.</exception>
    public static void CheckFree(string path, bool force, IEnumerable<string> files)
    {
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
            throw new InvalidRequestException($"the run folder '{path}' exists: give another --run, or --force to write into it");
        }
        string? above = Path.GetDirectoryName(Path.GetFullPath(path));
        while (above is not null && !Directory.Exists(above))
        {
            if (File.Exists(above))
            {
                throw new InvalidRequestException($"the run folder '{path}' cannot be made, for '{above}' is a file: give another --run");
            }
            above = Path.GetDirectoryName(above);
        }
        CheckFiles(path, files);
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
    /// <typeparam name="T">What stands for the folder.</typeparam>
    /// <param name="path">The folder.</param>
    /// <param name="fill">Makes the first files.</param>
    /// <exception cref="InvalidRequestException">It cannot be written.</exception>
    public static T Create<T>(string path, Func<T> fill)
    {
        string? topmostMade = null;
        try
        {
            for (string? part = Path.GetFullPath(path); part is not null && !Directory.Exists(part); part = Path.GetDirectoryName(part))
            {
                topmostMade = part;
            }
            Directory.CreateDirectory(path);
            return fill();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            if (Directory.Exists(topmostMade))
            {
                Directory.Delete(topmostMade, recursive: true);
            }
            throw new InvalidRequestException($"the run folder '{path}' cannot be written: {fault.Message}: give another --run", fault);
        }
    }

    /// <summary>Makes a folder for a page. The page and the pictures of an earlier call would show something else, and go.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="InvalidRequestException">It cannot be written.</exception>
    public static string CreateForPage(string path) => Create(path, () =>
    {
        Clear(path);
        return path;
    });

    /// <summary>Deletes some files of an earlier run, its page and its pictures.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="files">The files.</param>
    public static void Clear(string path, params string[] files)
    {
        foreach (string file in files.Append(ReportFile))
        {
            File.Delete(Path.Combine(path, file));
        }
        string pictures = Path.Combine(path, PicturesFolder);
        if (Directory.Exists(pictures))
        {
            foreach (string picture in PictureEndings.SelectMany(ending => Directory.EnumerateFiles(pictures, ending)))
            {
                File.Delete(picture);
            }
        }
    }
}
