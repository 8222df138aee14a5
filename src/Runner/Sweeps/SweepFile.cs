using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Makes, opens and checks the SQLite file of a sweep.</summary>
static class SweepFile
{
    /// <summary>Makes a file with empty tables.</summary>
    /// <param name="path">The file, which must not be there.</param>
    /// <param name="description">A JSON text about the sweep.</param>
    /// <exception cref="InvalidRequestException">It cannot be made. Nothing is left of it.</exception>
    public static SqliteFile Create(string path, string description)
    {
        Make(path);
        try
        {
            return Prepared(path, file =>
            {
                WriteSafely(file);
                file.InTransaction(() =>
                {
                    file.Execute(SweepSchema.Create);
                    file.Execute("INSERT INTO sweep VALUES ($1, $2)", description, StoredValue.Checksum([description]));
                    return true;
                });
            });
        }
        catch (InvalidRequestException)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="writes">Whether to write to it, too.</param>
    /// <exception cref="InvalidRequestException">It is not the file of a sweep, is damaged, or cannot be opened.</exception>
    public static SqliteFile Open(string path, bool writes)
    {
        if (!Path.Exists(path))
        {
            throw new InvalidRequestException($"there is no file '{path}': give one that the command sweep has written");
        }
        // A folder, a pipe, or what is left of a sweep that was killed when it had just begun.
        if (RegularFile.LengthOf(path) == 0)
        {
            throw SqliteFaults.NotASweep(path);
        }
        return Prepared(path, file =>
        {
            Check(path, file);
            if (writes)
            {
                WriteSafely(file);
                // Changes nothing, and fails now rather than after the first training where the file cannot be written.
                file.Execute($"PRAGMA user_version = {SweepSchema.Version}");
            }
            else
            {
                file.Execute("PRAGMA query_only = ON");
            }
        });
    }

    static SqliteFile Prepared(string path, Action<SqliteFile> prepare)
    {
        var file = SqliteFile.Open(path);
        try
        {
            prepare(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    static void Make(string path)
    {
        try
        {
            new FileStream(path, FileMode.CreateNew).Dispose();
        }
        catch (IOException fault) when (Path.Exists(path))
        {
            throw new InvalidRequestException($"'{path}' exists: give another file, or go on with the sweep that it holds", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidRequestException($"'{path}' cannot be written: {Explanation.ReasonOf(fault)}: give another file", fault);
        }
    }

    static void Check(string path, SqliteFile file)
    {
        if (file.Value("PRAGMA application_id") is not SweepSchema.ApplicationId)
        {
            throw SqliteFaults.NotASweep(path);
        }
        if (file.Value("PRAGMA user_version") is var version and not SweepSchema.Version)
        {
            throw new InvalidRequestException(
                $"'{path}' has version {version} of the format, and this makemore reads version {SweepSchema.Version}: "
                + "use the makemore that wrote it");
        }
        if (file.Value("PRAGMA integrity_check(1)") is not "ok")
        {
            throw SqliteFaults.Damaged(path);
        }
    }

    // With a rollback journal: a write-ahead log needs shared memory, which network file systems do not have.
    static void WriteSafely(SqliteFile file)
    {
        file.Execute("PRAGMA journal_mode = DELETE");
        file.Execute("PRAGMA synchronous = FULL");
    }
}
