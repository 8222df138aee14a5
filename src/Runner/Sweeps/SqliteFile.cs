using Makemore.Gpu.Kernels.Devices;
using Microsoft.Data.Sqlite;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>An SQLite file with one user at a time. What goes wrong with it is told in a line.</summary>
sealed class SqliteFile : IDisposable
{
    // Who reads the file or writes a result to it has done so in less.
    const int BusySeconds = 3;

    readonly string path;
    readonly SqliteConnection connection;

    SqliteFile(string path, SqliteConnection connection)
    {
        this.path = path;
        this.connection = connection;
    }

    /// <summary>Opens a file that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reads">Whether it is only looked at, and nothing of it undone: another machine may be writing to it.</param>
    /// <exception cref="InvalidRequestException">It cannot be opened.</exception>
    public static SqliteFile Open(string path, bool reads = false)
    {
        var address = new SqliteConnectionStringBuilder
        {
            // SQLite has meanings of its own for names such as :memory:.
            DataSource = Path.GetFullPath(path),
            // For readers, too: what a killed process has left half written must be undone. A protected file is opened for reading.
            Mode = reads ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite,
            // Else the file stays open behind its owner's back.
            Pooling = false,
            DefaultTimeout = BusySeconds,
        };
        var file = new SqliteFile(path, new SqliteConnection(address.ToString()));
        try
        {
            file.connection.Open();
            // Finds damage before it is read as something else.
            file.Execute("PRAGMA cell_size_check = ON");
            return file;
        }
        catch (Exception fault)
        {
            file.Dispose();
            if (fault is SqliteException cause)
            {
                throw SqliteFaults.Explain(path, cause);
            }
            throw;
        }
    }

    /// <summary>Runs a statement.</summary>
    /// <param name="sql">The statement, with $1, $2 and so on for the values.</param>
    /// <param name="values">The values.</param>
    public void Execute(string sql, params IReadOnlyList<object?> values) => Rows(sql, values);

    /// <summary>Runs a query.</summary>
    /// <param name="sql">The query, with $1, $2 and so on for the values.</param>
    /// <param name="values">The values.</param>
    /// <returns>The rows, their values as SQLite has them: long, double, string, byte[] or null.</returns>
    public IReadOnlyList<object?[]> Rows(string sql, params IReadOnlyList<object?> values)
    {
        try
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            foreach ((int i, object? value) in values.Index())
            {
                command.Parameters.AddWithValue($"${i + 1}", value ?? DBNull.Value);
            }
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<object?[]>();
            while (reader.Read())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
            }
            return rows;
        }
        catch (SqliteException fault)
        {
            throw SqliteFaults.Explain(path, fault);
        }
    }

    /// <summary>The only value of a query.</summary>
    /// <param name="sql">The query.</param>
    public object? Value(string sql) => Rows(sql) is [[var value]] ? value : null;

    /// <summary>Does something all or not at all, as others see it and whenever the process is killed.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="work">Runs statements.</param>
    /// <param name="reads">Whether it only reads, and so sees one state of the file.</param>
    public T InTransaction<T>(Func<T> work, bool reads = false)
    {
        try
        {
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: reads);
            T result = work();
            transaction.Commit();
            return result;
        }
        catch (SqliteException fault)
        {
            throw SqliteFaults.Explain(path, fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}
