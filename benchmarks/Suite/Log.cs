namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>A file to which several write.</summary>
/// <param name="path">The file. What it held is forgotten.</param>
sealed class Log(string path)
{
    readonly Lock access = new();
    bool isBegun;

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line.</param>
    public void Write(string line)
    {
        lock (access)
        {
            if (!isBegun)
            {
                File.Delete(path);
                isBegun = true;
            }
            File.AppendAllText(path, line + "\n");
        }
    }
}
