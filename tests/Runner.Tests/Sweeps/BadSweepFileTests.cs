using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Sweeps;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using static SQLitePCL.raw;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>Files that are not as a sweep has left them: each gives one line that names the file and what helps.</summary>
sealed class BadSweepFileTests
{
    // Enough for several pages of each table.
    const int ManyNetworks = 40;

    string folder = "";

    string Sweep => Path.Combine(folder, "sweep.sqlite");

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("makemore-tests-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void No_file() => Assert.That(Message(Sweep), Does.StartWith($"there is no file '{Sweep}'"));

    [Test]
    public void A_folder_an_empty_file_and_a_text()
    {
        string text = Path.Combine(folder, "names.txt");
        File.WriteAllText(text, string.Join('\n', Enumerable.Repeat("emma", 1000)));
        string empty = Path.Combine(folder, "empty");
        File.WriteAllBytes(empty, []);
        foreach (string path in (string[])[folder, empty, text])
        {
            Assert.That(Message(path), Does.StartWith($"'{path}' does not hold the results of a sweep"));
        }
    }

    [Test]
    public void Another_programs_database()
    {
        Run("CREATE TABLE networks (number)");
        Assert.That(Message(Sweep), Does.Contain("does not hold the results of a sweep"));
    }

    [Test]
    public void Another_version_is_named_and_left_as_it_is()
    {
        Fill();
        Run("PRAGMA user_version = 7");
        byte[] before = File.ReadAllBytes(Sweep);
        Assert.That(Message(Sweep), Does.Contain("has version 7 of the format, and this makemore reads version 1"));
        Assert.That(File.ReadAllBytes(Sweep), Is.EqualTo(before));
    }

    [Test]
    public void What_is_there_is_not_made_again()
    {
        Fill();
        byte[] before = File.ReadAllBytes(Sweep);
        Assert.That(
            () => SweepStore.Create(Sweep, "{}"), Throws.TypeOf<InvalidRequestException>().With.Message.StartsWith($"'{Sweep}' exists"));
        Assert.That(File.ReadAllBytes(Sweep), Is.EqualTo(before));
    }

    [Test]
    public void No_file_is_made_in_a_folder_that_is_not_there_or_is_a_file()
    {
        File.WriteAllText(Sweep, "");
        foreach (string path in (string[])[Path.Combine(folder, "none", "sweep"), Path.Combine(Sweep, "sweep")])
        {
            Assert.That(
                () => SweepStore.Create(path, "{}"), Throws.TypeOf<InvalidRequestException>().With.Message.Contains("give another file"));
        }
    }

    [Test]
    public void Another_process_that_writes_is_waited_for_and_then_named()
    {
        Fill();
        using SqliteConnection other = Connect();
        Run(other, "BEGIN EXCLUSIVE");
        Assert.That(Message(Sweep), Does.Contain("is in use by another process: wait for its end"));
    }

    [Test]
    public void A_configuration_that_is_none()
    {
        Fill();
        var stored = StoredNetwork.Of(SomeResults.Trained(3, 2.03, "hidden=100", "seed=3"));
        stored = stored with { Network = [.. stored.Network.SkipLast(1), "{}"] };
        Run($"UPDATE networks SET configuration = '{{}}', checksum = '{StoredValue.Checksum(stored.Values)}' WHERE number = 3");
        var fault = Assert.Throws<InvalidRequestException>(() => Everything(Sweep))!;
        Assert.That(fault.InnerException, Is.TypeOf<JsonException>());
    }

    // Columns, and what a hand or another program may write there.
    [TestCase("UPDATE networks SET dev_loss = dev_loss - 0.1 WHERE number = 3")]
    [TestCase("UPDATE networks SET state = 'lost' WHERE number = 3")]
    [TestCase("UPDATE networks SET seconds = 'long' WHERE number = 3")]
    [TestCase("UPDATE networks SET steps = x'00'")]
    [TestCase("UPDATE networks SET train_loss = NULL WHERE number = 3")]
    [TestCase("UPDATE networks SET number = 1000 WHERE number = 3")]
    [TestCase("UPDATE settings SET value = 'tanh' WHERE number = 3 AND position = 0")]
    [TestCase("UPDATE curve SET loss = 1 WHERE number = 3 AND step = 50")]
    [TestCase("DELETE FROM curve WHERE number = 3 AND step = 50")]
    [TestCase("DROP TABLE curve")]
    [TestCase("DELETE FROM sweep")]
    [TestCase("INSERT INTO sweep SELECT * FROM sweep")]
    [TestCase("UPDATE sweep SET description = 'other'")]
    [TestCase("UPDATE rungs SET dev_loss = 0 WHERE number = 3")]
    public void What_others_have_changed_is_found(string sql)
    {
        Fill();
        Run(sql);
        Assert.That(Message(Sweep), Does.Contain("is damaged, or another program has changed it"));
    }

    [Test]
    public void Damaged_bytes_give_a_message_or_do_no_harm()
    {
        Fill(ManyNetworks);
        byte[] whole = File.ReadAllBytes(Sweep);
        string[] right = Everything(Sweep);
        var random = new Random(5);
        int refused = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] damaged = Damage(random, whole);
            File.WriteAllBytes(Sweep, damaged);
            try
            {
                Assert.That(Everything(Sweep), Is.EqualTo(right), $"trial {trial}");
            }
            catch (InvalidRequestException fault)
            {
                refused++;
                Assert.That(fault.Message, Does.Contain(Sweep).And.Not.Contain("\n"));
            }
            catch (Exception fault) when (fault is not AssertionException)
            {
                Assert.Fail($"trial {trial}: {fault}");
            }
        }
        Assert.That(refused, Is.GreaterThan(200));
    }

    [Test]
    public void A_truncated_file_is_refused()
    {
        Fill(ManyNetworks);
        byte[] whole = File.ReadAllBytes(Sweep);
        for (int length = 0; length < whole.Length; length += 1 + (whole.Length / 97))
        {
            File.WriteAllBytes(Sweep, whole[..length]);
            Assert.That(() => Everything(Sweep), Throws.TypeOf<InvalidRequestException>(), $"{length} bytes");
        }
    }

    [TestCase(SQLITE_BUSY, "wait for its end")]
    [TestCase(SQLITE_FULL, "free some space")]
    [TestCase(SQLITE_READONLY, "writable")]
    [TestCase(SQLITE_CANTOPEN, "readable and writable")]
    [TestCase(SQLITE_IOERR, "another disk")]
    [TestCase(SQLITE_NOTADB, "give a file that the command sweep has written")]
    [TestCase(SQLITE_CORRUPT, "is damaged")]
    [TestCase(SQLITE_ERROR, "is damaged")]
    public void Each_fault_has_a_mend(int code, string mend)
    {
        string message = SqliteFaults.Explain(Sweep, new SqliteException("it says", code)).Message;
        Assert.That(message, Does.Contain(mend).And.Contain(Sweep));
    }

    static byte[] Damage(Random random, byte[] whole)
    {
        byte[] damaged = [.. whole];
        // The header and the beginnings of pages hold the structure, of which there are few bytes.
        int start = random.Next(4) switch
        {
            0 => random.Next(100),
            1 => Math.Min(damaged.Length - 1, (random.Next(damaged.Length / 4096) * 4096) + random.Next(200)),
            _ => random.Next(damaged.Length),
        };
        int length = random.Next(3) == 0 ? random.Next(1, 600) : 1;
        random.NextBytes(damaged.AsSpan(start, Math.Min(length, damaged.Length - start)));
        return damaged;
    }

    void Fill(int networks = 5)
    {
        using var store = SweepStore.Create(Sweep, "{}");
        for (int number = 0; number < networks; number++)
        {
            store.Add(SomeResults.Trained(number, 2 + (0.01 * number), "hidden=100", $"seed={number}"));
            store.AddRung(number, new Rung(500, 2.5 - (0.01 * number)));
        }
    }

    static string[] Everything(string path)
    {
        using var store = SweepStore.Read(path);
        return
        [
            store.Description, .. store.Results().Select(SomeResults.Exactly), string.Join(' ', store.Numbers()),
            .. store.Rungs().Select(rungs => $"{rungs.Key}: {string.Join(' ', rungs)}"),
        ];
    }

    static string Message(string path) => Assert.Throws<InvalidRequestException>(() => Everything(path))!.Message;

    void Run(string sql)
    {
        using SqliteConnection connection = Connect();
        Run(connection, sql);
    }

    static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Sweep};Pooling=False;Foreign Keys=False");
        connection.Open();
        return connection;
    }
}
