using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Data;

/// <summary>Where names come from: the file that was asked for, else names.txt where it was fetched, else the embedded list.</summary>
static class NamesLocation
{
    /// <summary>Where the command <c>data</c> puts names.txt: the user's own data folder.</summary>
    public static string Fetched => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "makemore", "names.txt");

    /// <summary>Reads the names.</summary>
    /// <param name="session">Where to say that it takes long.</param>
    /// <param name="asked">The file that was asked for, or null.</param>
    /// <param name="format">How to read it.</param>
    public static NamesFile Read(Session session, string? asked, NamesFormat format)
    {
        if (asked is not null)
        {
            return SlowReading.Read(session, asked, format);
        }
        return File.Exists(Fetched) ? SlowReading.Read(session, Fetched, format) : NamesFile.Embedded(format);
    }

    /// <summary>What the names are, and how to get others, in one line.</summary>
    /// <param name="file">The names.</param>
    /// <param name="asked">The file that was asked for, or null.</param>
    public static string Describe(NamesFile file, string? asked)
    {
        string names = $"{file.Source} ({Format.Count(file.Names.Count)} names)";
        if (asked is not null)
        {
            return names;
        }
        return file.Source == Fetched
            ? $"{names}; for names of your own: --data FILE"
            : $"{names}; for the lectures' names.txt: makemore data, for names of your own: --data FILE";
    }
}
