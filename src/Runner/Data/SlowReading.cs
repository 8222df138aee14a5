using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Data;

/// <summary>Reads names, and says so in a line where it takes long: from a large file, or from a pipe that nobody writes to.</summary>
static class SlowReading
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Reads a file of names.</summary>
    /// <param name="session">Where to say it.</param>
    /// <param name="path">The file.</param>
    /// <param name="format">How to read it.</param>
    public static NamesFile Read(Session session, string path, NamesFormat format)
    {
        string source = path == NamesFile.StandardInput ? NamesFile.StandardInputSource : path;
        using var told = new Timer(
            _ => session.Tell("reading", source), state: null, Patience, Timeout.InfiniteTimeSpan);
        return NamesFile.Read(path, format);
    }
}
