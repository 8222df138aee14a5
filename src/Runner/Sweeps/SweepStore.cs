using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The dev loss of a network on its way, by which successive halving chooses.</summary>
/// <param name="Steps">The steps after which it was measured.</param>
/// <param name="DevLoss">The loss; not a number where the network had diverged.</param>
sealed record Rung(int Steps, double DevLoss);

/// <summary>
/// The results of a sweep in an SQLite file. Whenever the process is killed, each network is there whole or not at all. All methods throw
/// <see cref="InvalidRequestException"/> where the file cannot be read or written.
/// </summary>
sealed class SweepStore : IDisposable
{
    /// <summary>What follows the name of a file while it is changed: what SQLite needs to undo the change.</summary>
    public const string JournalEnding = "-journal";

    readonly string path;
    readonly SqliteFile file;

    SweepStore(string path, SqliteFile file)
    {
        this.path = path;
        this.file = file;
    }

    /// <summary>What the caller has written about the sweep.</summary>
    public string Description => Reading(() =>
    {
        if (file.Rows("SELECT description, checksum FROM sweep") is not [[string description, var checksum]])
        {
            throw SqliteFaults.Damaged(path);
        }
        Check(checksum, [description]);
        return description;
    });

    /// <summary>Makes a file.</summary>
    /// <param name="path">The file, which must not be there.</param>
    /// <param name="description">A JSON text about the sweep.</param>
    public static SweepStore Create(string path, string description) => new(path, SweepFile.Create(path, description));

    /// <summary>Writes a file with results, whole or not at all, in place of an older one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="description">A JSON text about the sweep.</param>
    /// <param name="results">The results.</param>
    public static void Write(string path, string description, IEnumerable<NetworkResult> results)
    {
        string partial = path + DurableFile.PartialEnding;
        File.Delete(partial);
        File.Delete(partial + JournalEnding);
        using (SweepStore store = Create(partial, description))
        {
            store.file.InTransaction(() =>
            {
                foreach (NetworkResult result in results)
                {
                    store.Insert(result);
                }
                return true;
            });
        }
        // Else SQLite would bring back what stood there.
        File.Delete(path + JournalEnding);
        File.Move(partial, path, overwrite: true);
        DurableFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>How many networks have ended, by a glance that changes nothing; null where the file cannot be read now.</summary>
    /// <param name="path">The file.</param>
    public static long? CountEnded(string path)
    {
        try
        {
            using var file = SqliteFile.Open(path, reads: true);
            return file.Value("SELECT count(*) FROM networks") as long?;
        }
        catch (InvalidRequestException)
        {
            return null;
        }
    }

    /// <summary>Opens a file so as to add results.</summary>
    /// <param name="path">The file.</param>
    public static SweepStore Open(string path) => new(path, SweepFile.Open(path, writes: true));

    /// <summary>Opens a file for reading alone.</summary>
    /// <param name="path">The file.</param>
    public static SweepStore Read(string path) => new(path, SweepFile.Open(path, writes: false));

    /// <summary>Adds a network that has ended.</summary>
    /// <param name="result">The network.</param>
    /// <exception cref="InvalidOperationException">It is there already.</exception>
    public void Add(NetworkResult result) => file.InTransaction(() => Insert(result));

    /// <summary>Adds the dev loss of a network on its way, or writes it once more.</summary>
    /// <param name="number">The number of the network.</param>
    /// <param name="rung">The loss, and when it was measured.</param>
    public void AddRung(int number, Rung rung)
    {
        object?[] row = [(long)number, (long)rung.Steps, StoredValue.Of(rung.DevLoss)];
        file.Execute(
            "INSERT OR REPLACE INTO rungs (number, steps, dev_loss, checksum) VALUES ($1, $2, $3, $4)",
            [.. row, StoredValue.Checksum(row)]);
    }

    /// <summary>The networks that have ended, in the order of their numbers.</summary>
    public IReadOnlyList<NetworkResult> Results() => Reading(() =>
    {
        ILookup<object?, object?[]> settings = Parts("SELECT number, position, name, value FROM settings ORDER BY 1, 2");
        ILookup<object?, object?[]> curves = Parts("SELECT number, step, loss FROM curve ORDER BY 1, 2");
        return (IReadOnlyList<NetworkResult>)
        [
            .. file.Rows($"SELECT checksum, number, {StoredNetwork.Columns} FROM networks ORDER BY number").Select(row =>
            {
                var stored = new StoredNetwork(row[1], row[2..], [.. settings[row[1]]], [.. curves[row[1]]]);
                Check(row[0], stored.Values);
                return stored.ToResult();
            }),
        ];
    });

    /// <summary>The dev losses of networks on their way, by the number of the network.</summary>
    public ILookup<int, Rung> Rungs() => Reading(() =>
        file.Rows("SELECT checksum, number, steps, dev_loss FROM rungs ORDER BY number, steps")
            .Select(row =>
            {
                Check(row[0], row[1..]);
                return (Number: (int)(long)row[1]!, Rung: new Rung((int)(long)row[2]!, StoredValue.ToDouble(row[3])));
            })
            .ToLookup(row => row.Number, row => row.Rung));

    /// <summary>The numbers of the networks that have ended.</summary>
    public IReadOnlySet<int> Numbers() => Results().Select(result => result.Network.Number).ToHashSet();

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    ILookup<object?, object?[]> Parts(string query) => file.Rows(query).ToLookup(row => row[0], row => row[1..]);

    bool Insert(NetworkResult result)
    {
        StoredNetwork stored = StoredNetwork.Of(result);
        if (file.Rows("SELECT 1 FROM networks WHERE number = $1", stored.Number).Count > 0)
        {
            throw new InvalidOperationException($"network {stored.Number} is in '{path}' already");
        }
        file.Execute(
            $"INSERT INTO networks (number, {StoredNetwork.Columns}, checksum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [stored.Number, .. stored.Network, StoredValue.Checksum(stored.Values)]);
        foreach (IReadOnlyList<object?> setting in stored.Settings)
        {
            file.Execute("INSERT INTO settings (number, position, name, value) VALUES ($1, $2, $3, $4)", [stored.Number, .. setting]);
        }
        foreach (IReadOnlyList<object?> point in stored.Curve)
        {
            file.Execute("INSERT INTO curve (number, step, loss) VALUES ($1, $2, $3)", [stored.Number, .. point]);
        }
        return true;
    }

    T Reading<T>(Func<T> read)
    {
        try
        {
            return file.InTransaction(read, reads: true);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw SqliteFaults.Damaged(path, fault);
        }
    }

    void Check(object? checksum, IEnumerable<object?> values)
    {
        if (checksum is not string text || text != StoredValue.Checksum(values))
        {
            throw SqliteFaults.Damaged(path);
        }
    }
}
