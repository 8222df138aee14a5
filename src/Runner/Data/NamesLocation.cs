using Makemore.Gpu.Kernels.Devices;
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
    /// <exception cref="InvalidRequestException">
    /// The file that was asked for cannot be read, or names.txt was fetched and has changed since.
    /// </exception>
    public static NamesFile Read(Session session, string? asked, NamesFormat format)
    {
        if (asked is not null)
        {
            return SlowReading.Read(session, asked, format);
        }
        if (!File.Exists(Fetched))
        {
            return NamesFile.Embedded(format);
        }
        byte[] bytes = NamesDownload.ReadWhole(Fetched) ?? throw new InvalidRequestException(
            $"'{Fetched}' is no longer the lectures' names.txt (another SHA-256 than {NamesDownload.Sha256}): fetch it again with "
            + $"{ProgramCall.With("data")}, or delete it and train on the embedded list; for names of your own give --data");
        return NamesFile.Parse(Fetched, bytes, format);
    }

    /// <summary>What the names are, and how to get others, in one line.</summary>
    /// <param name="file">The names.</param>
    /// <param name="asked">The file that was asked for, or null.</param>
    public static string Describe(NamesFile file, string? asked)
    {
        string names = $"{file.Source} ({Format.Counted(file.Names.Count, "name")})";
        if (asked is not null)
        {
            return names;
        }
        return file.Source == Fetched
            ? $"{names}; for names of your own: --data FILE"
            : $"{names}; for the lectures' names.txt: {ProgramCall.With("data")}, for names of your own: --data FILE";
    }
}
