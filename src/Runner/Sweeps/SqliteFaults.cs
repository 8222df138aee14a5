using Makemore.Gpu.Kernels.Devices;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>What can be wrong with the file of a sweep, and what helps.</summary>
static class SqliteFaults
{
    /// <summary>A fault in a line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What SQLite says.</param>
    public static InvalidRequestException Explain(string path, SqliteException fault) => fault.SqliteErrorCode switch
    {
        SQLITE_BUSY or SQLITE_LOCKED or SQLITE_PROTOCOL => new(
            $"'{path}' is in use by another process: wait for its end, and try again", fault),
        SQLITE_FULL => new($"'{path}' cannot be written, for the disk is full: free some space, and go on with the sweep", fault),
        SQLITE_READONLY or SQLITE_PERM or SQLITE_AUTH => new(
            $"'{path}' cannot be written: make the file and its folder writable, or copy it into a folder that is", fault),
        SQLITE_CANTOPEN => new($"'{path}' cannot be opened: make the file and its folder readable and writable", fault),
        SQLITE_IOERR => new(
            $"'{path}' cannot be read or written, for its disk reports an error: try again, or use another disk", fault),
        SQLITE_NOTADB => NotASweep(path, fault),
        _ => Damaged(path, fault),
    };

    /// <summary>The file is something else.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What told so, where something did.</param>
    public static InvalidRequestException NotASweep(string path, Exception? fault = null) => new(
        $"'{path}' does not hold the results of a sweep: give a file that the command sweep has written", fault);

    /// <summary>The file is not as it was written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What told so, where something did.</param>
    public static InvalidRequestException Damaged(string path, Exception? fault = null) => new(
        $"'{path}' is damaged, or another program has changed it: use a copy from before, or sweep again", fault);
}
