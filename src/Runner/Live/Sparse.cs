namespace Makemore.Gpu.Runner.Live;

/// <summary>
/// A list that never grows beyond a length: when it is full, every second entry goes, and then every second of what comes.
/// </summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="most">The most entries.</param>
sealed class Sparse<T>(int most)
{
    readonly List<T> kept = [];
    long added;
    long every = 1;
    T? last;

    /// <summary>What is kept, and the last entry that came.</summary>
    public T[] ToArray() => added == 0 || (added - 1) % every == 0 ? [.. kept] : [.. kept, last!];

    /// <summary>Adds an entry.</summary>
    /// <param name="entry">The entry.</param>
    public void Add(T entry)
    {
        if (added++ % every == 0)
        {
            kept.Add(entry);
        }
        last = entry;
        if (kept.Count == most)
        {
            every *= 2;
            for (int i = 0; i < kept.Count; i++)
            {
                kept.RemoveAt(i + 1);
            }
        }
    }
}
