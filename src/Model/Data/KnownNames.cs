using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Makemore.Gpu.Model.Data;

/// <summary>
/// Which names a data set holds, and in which split: enough to tell whether a name is new, without the names themselves. Each is kept as
/// the first 8 bytes of the SHA-256 of its UTF-8 text, so that it does not matter how a model cuts names into tokens. That two names have
/// the same is as good as impossible: among 200,000, a new name is taken for a known one once in 10^14 times.
/// </summary>
sealed class KnownNames
{
    /// <summary>The most different names that are stored with a model, where they take 11 bytes each: 2 MB.</summary>
    public const int MostStored = 200_000;

    /// <summary>The splits, in the order in which a name is looked up: one that stands in several counts for the first.</summary>
    public static readonly IReadOnlyList<string> Splits = ["train", "dev", "test"];

    // Bytes of a name that needs no memory of its own.
    const int ShortName = 256;

    // Of each split, the hashes of those names that stand in none before it, ascending.
    readonly ulong[][] hashes;

    KnownNames(ulong[][] hashes) => this.hashes = hashes;

    /// <summary>How many different names there are.</summary>
    public int Count => hashes.Sum(split => split.Length);

    /// <summary>The names of a data set.</summary>
    /// <param name="data">The data set.</param>
    public static KnownNames Of(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Of([data.Train.Names, data.Dev.Names, data.Test.Names]);
    }

    /// <summary>The names of a list, split as a data set is.</summary>
    /// <param name="file">The list.</param>
    public static KnownNames Of(NamesFile file)
    {
        (ArraySegment<string> train, ArraySegment<string> dev, ArraySegment<string> test) = Dataset.SplitNames(file);
        return Of([train, dev, test]);
    }

    /// <summary>The names that <see cref="ToText"/> wrote down.</summary>
    /// <param name="texts">A text for each of <see cref="Splits"/>.</param>
    /// <exception cref="FormatException">A text is no list of hashes in ascending order.</exception>
    public static KnownNames Parse(IEnumerable<string> texts) => new([.. texts.Select(Parse)]);

    /// <summary>The split in which a name stands: train, dev or test; null for a new name.</summary>
    /// <param name="name">The name.</param>
    public string? SplitOf(string name)
    {
        ulong hash = Hash(name);
        int split = Array.FindIndex(hashes, split => Array.BinarySearch(split, hash) >= 0);
        return split < 0 ? null : Splits[split];
    }

    /// <summary>The hashes of each of <see cref="Splits"/> as text: ascending, 8 little-endian bytes each, in Base64 for URLs.</summary>
    public IReadOnlyList<string> ToText() => [.. hashes.Select(split =>
    {
        var bytes = new byte[split.Length * sizeof(ulong)];
        for (int i = 0; i < split.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), split[i]);
        }
        return Base64Url.EncodeToString(bytes);
    })];

    static KnownNames Of(IEnumerable<IReadOnlyList<string>> splits)
    {
        // Sorted arrays: sets would take several times their memory.
        var hashes = new List<ulong[]>();
        foreach (IReadOnlyList<string> names in splits)
        {
            var own = new ulong[names.Count];
            Parallel.For(0, own.Length, i => own[i] = Hash(names[i]));
            Array.Sort(own);
            int kept = 0;
            foreach (ulong hash in own)
            {
                if ((kept == 0 || hash != own[kept - 1]) && !hashes.Exists(split => Array.BinarySearch(split, hash) >= 0))
                {
                    own[kept++] = hash;
                }
            }
            hashes.Add(own[..kept]);
        }
        return new KnownNames([.. hashes]);
    }

    static ulong[] Parse(string text)
    {
        byte[] bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length % sizeof(ulong) != 0)
        {
            throw new FormatException($"the hashes of its names take {bytes.Length} bytes, which is no multiple of {sizeof(ulong)}");
        }
        var hashes = new ulong[bytes.Length / sizeof(ulong)];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)));
            if (i > 0 && hashes[i] <= hashes[i - 1])
            {
                throw new FormatException("the hashes of its names do not ascend");
            }
        }
        return hashes;
    }

    static ulong Hash(string name)
    {
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> text = stackalloc byte[ShortName];
        SHA256.HashData(Encoding.UTF8.TryGetBytes(name, text, out int length) ? text[..length] : Encoding.UTF8.GetBytes(name), sum);
        return BinaryPrimitives.ReadUInt64LittleEndian(sum);
    }
}
