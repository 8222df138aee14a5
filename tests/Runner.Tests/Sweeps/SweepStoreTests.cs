using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Sweeps;
using Microsoft.Data.Sqlite;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>What is written to the file of a sweep, and what comes back.</summary>
sealed class SweepStoreTests
{
    const string Description = """{"name":"日本語 'quoted' \" and more"}""";

    // Not a number in three ways, and what SQLite would change otherwise.
    static readonly double[] Odd =
    [
        double.NaN, -double.NaN, BitConverter.UInt64BitsToDouble(0x7FF0_0000_0000_0123), double.PositiveInfinity, double.NegativeInfinity,
        -0.0, 0, 1, 2, 1e18, 9007199254740993, double.Epsilon, -double.Epsilon, double.MaxValue, 0.1, Math.PI, 2.0 / 3,
    ];

    string folder = "";

    string File => Path.Combine(folder, "sweep.sqlite");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("makemore-tests-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void What_is_added_comes_back_in_the_order_of_numbers()
    {
        NetworkResult[] results =
        [
            SomeResults.Trained(7, 2.1, "learning-rate=0.1", "seed=3"),
            SomeResults.Diverged(2, 117, "learning-rate=30", "seed=18446744073709551615"),
            SomeResults.Dropped(0, 2.5, 100, "l2=C=0.1,W1=0.01", "seed=1"),
            SomeResults.Trained(1, 2.2),
        ];
        using (var store = SweepStore.Create(File, Description))
        {
            foreach (NetworkResult result in results)
            {
                store.Add(result);
            }
        }
        using var read = SweepStore.Read(File);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Description, Is.EqualTo(Description));
            Assert.That(
                read.Results().Select(SomeResults.Exactly),
                Is.EqualTo(results.OrderBy(result => result.Network.Number).Select(SomeResults.Exactly)));
            Assert.That(read.Numbers(), Is.EquivalentTo(new[] { 0, 1, 2, 7 }));
        }
    }

    [Test]
    public void Every_double_comes_back_bit_for_bit()
    {
        NetworkResult result = SomeResults.Trained(0, 2);
        NetworkResult[] results =
        [
            .. Odd.Select((value, i) => new NetworkResult(
                result.Network with { Number = i },
                result.Outcome with
                {
                    Losses = new Dictionary<string, double> { ["train"] = Odd[^(i + 1)], ["dev"] = value, ["test"] = -value },
                    Curve = [.. Odd.Select((loss, step) => new LossPoint(step, loss))],
                    Seconds = value,
                })),
        ];
        using var store = SweepStore.Create(File, Description);
        foreach ((int i, NetworkResult odd) in results.Index())
        {
            store.Add(odd);
            store.AddRung(i, new Rung(10, Odd[i]));
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(store.Results().Select(SomeResults.Exactly), Is.EqualTo(results.Select(SomeResults.Exactly)));
            Assert.That(
                store.Rungs().Select(rungs => BitConverter.DoubleToInt64Bits(rungs.Single().DevLoss)),
                Is.EqualTo(Odd.Select(BitConverter.DoubleToInt64Bits)));
        }
    }

    [Test]
    public void A_rung_is_there_once_with_what_was_written_last()
    {
        using var store = SweepStore.Create(File, Description);
        store.AddRung(3, new Rung(200, 2.4));
        store.AddRung(3, new Rung(100, 2.5));
        store.AddRung(3, new Rung(200, 2.3));
        store.AddRung(1, new Rung(100, double.NaN));
        ILookup<int, Rung> rungs = store.Rungs();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rungs[3], Is.EqualTo(new[] { new Rung(100, 2.5), new Rung(200, 2.3) }));
            Assert.That(rungs[1], Is.EqualTo(new[] { new Rung(100, double.NaN) }));
            Assert.That(rungs[2], Is.Empty);
        }
    }

    [Test]
    public void A_network_that_is_there_is_not_added_again()
    {
        using var store = SweepStore.Create(File, Description);
        store.Add(SomeResults.Trained(0, 2.1));
        Assert.That(() => store.Add(SomeResults.Trained(0, 2.0)), Throws.InvalidOperationException);
        Assert.That(store.Results().Single().Outcome.DevLoss, Is.EqualTo(2.1));
    }

    [Test]
    public void A_sweep_goes_on_where_it_was()
    {
        using (var store = SweepStore.Create(File, Description))
        {
            store.Add(SomeResults.Trained(0, 2.1));
        }
        using (var store = SweepStore.Open(File))
        {
            store.Add(SomeResults.Trained(1, 2.2));
        }
        using var read = SweepStore.Read(File);
        Assert.That(read.Numbers(), Is.EquivalentTo(new[] { 0, 1 }));
        Assert.That(() => read.Add(SomeResults.Trained(2, 2.3)), Throws.TypeOf<InvalidRequestException>());
    }

    [Test]
    public void A_sweep_can_be_read_while_it_goes_on()
    {
        using var store = SweepStore.Create(File, Description);
        store.Add(SomeResults.Trained(0, 2.1));
        using var read = SweepStore.Read(File);
        Assert.That(read.Numbers(), Is.EquivalentTo(new[] { 0 }));
        store.Add(SomeResults.Trained(1, 2.2));
        Assert.That(read.Numbers(), Is.EquivalentTo(new[] { 0, 1 }));
    }

    [Test]
    public void A_closed_store_leaves_one_file_that_is_nobodys()
    {
        SweepStore.Create(File, Description).Dispose();
        Assert.That(Directory.GetFiles(folder), Is.EqualTo(new[] { File }));
        using var alone = new FileStream(File, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Test]
    public void Others_read_the_tables_by_sql()
    {
        using (var store = SweepStore.Create(File, Description))
        {
            store.Add(SomeResults.Trained(0, 2.25, "hidden=100", "seed=5"));
            store.Add(SomeResults.Diverged(1, 12, "hidden=200", "seed=5"));
            store.AddRung(1, new Rung(10, 2.5));
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Query("SELECT number, seed, state, steps, dev_loss FROM networks"), Is.EqualTo("0|5|trained|1000|2.25;1|5|diverged|12|"));
            Assert.That(Query("SELECT steps_per_second = steps / seconds FROM networks"), Is.EqualTo("1;1"));
            Assert.That(Query("SELECT json_extract(configuration, '$.recipe.batch') FROM networks WHERE number = 0"), Is.EqualTo("32"));
            Assert.That(Query("SELECT name, value FROM settings WHERE number = 1 ORDER BY position"), Is.EqualTo("hidden|200;seed|5"));
            Assert.That(Query("SELECT count(*), max(step) FROM curve WHERE number = 0"), Is.EqualTo("20|1000"));
            Assert.That(Query("SELECT * FROM rungs"), Does.StartWith("1|10|2.5|"));
            Assert.That(Query("SELECT description FROM sweep"), Is.EqualTo(Description));
            Assert.That(Query("PRAGMA journal_mode"), Is.EqualTo("delete"));
        }
    }

    [Test]
    public void A_process_that_is_killed_within_a_transaction_leaves_whole_networks_alone()
    {
        using (var store = SweepStore.Create(File, Description))
        {
            store.Add(SomeResults.Trained(0, 2.1));
        }
        string copy = Path.Combine(folder, "copy.sqlite");
        using (SqliteConnection writer = Connect())
        {
            // So small a cache that pages go to the file before the end of the transaction.
            Run(writer, "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE networks SET number = 5; DELETE FROM curve;"
                + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000)"
                + "INSERT INTO settings SELECT i, 0, 'name', hex(zeroblob(100)) FROM n;");
            System.IO.File.Copy(File, copy);
            System.IO.File.Copy(File + "-journal", copy + "-journal");
        }
        Assert.That(System.IO.File.ReadAllBytes(copy), Has.Length.GreaterThan(100_000), "the copy is from within the transaction");
        using var read = SweepStore.Read(copy);
        Assert.That(read.Results().Select(SomeResults.Exactly), Is.EqualTo(new[] { SomeResults.Exactly(SomeResults.Trained(0, 2.1)) }));
    }

    string Query(string sql)
    {
        using SqliteConnection connection = Connect();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(string.Join('|', row.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))));
        }
        return string.Join(';', rows);
    }

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False;Foreign Keys=False");
        connection.Open();
        return connection;
    }

    static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
