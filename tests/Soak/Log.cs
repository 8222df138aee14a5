namespace Makemore.Gpu.Soak;

/// <summary>What a soak tells while it goes on.</summary>
static class Log
{
    /// <summary>Writes a line, with the time.</summary>
    /// <param name="line">The line.</param>
    public static void Write(string line) => Console.WriteLine($"{DateTime.Now:HH:mm:ss} {line}");
}
