namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The tables of a sweep's file. Its comments stand in the file, too, for those who read it with sqlite3.</summary>
static class SweepSchema
{
    /// <summary>What tells the files of sweeps from other SQLite files: "mmsw".</summary>
    public const long ApplicationId = 0x6D6D7377;

    /// <summary>The version of the tables.</summary>
    public const long Version = 1;

    /// <summary>Makes the tables.</summary>
    public static readonly string Create = $"""
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {Version};
        CREATE TABLE sweep (
          -- One row. A checksum, here and below, is the SHA-256 of the row and of what belongs to it.
          description TEXT NOT NULL, -- JSON
          checksum TEXT NOT NULL
        );
        CREATE TABLE networks (
          -- A loss is NULL where it was not measured. One that is not a number is the text of its bits.
          number INTEGER PRIMARY KEY,
          state TEXT NOT NULL, -- trained, dropped or diverged
          steps INTEGER NOT NULL, -- that were done
          train_loss REAL,
          dev_loss REAL,
          test_loss REAL,
          seconds REAL NOT NULL,
          configuration TEXT NOT NULL, -- JSON with all settings
          checksum TEXT NOT NULL,
          seed AS (json_extract(configuration, '$.seed')),
          steps_per_second AS (steps / seconds)
        );
        CREATE TABLE settings (
          -- In which the networks differ.
          number INTEGER NOT NULL REFERENCES networks,
          position INTEGER NOT NULL,
          name TEXT NOT NULL,
          value TEXT NOT NULL,
          PRIMARY KEY (number, position)
        ) WITHOUT ROWID;
        CREATE TABLE curve (
          -- The mean training loss of the steps up to each of these.
          number INTEGER NOT NULL REFERENCES networks,
          step INTEGER NOT NULL,
          loss REAL NOT NULL,
          PRIMARY KEY (number, step)
        ) WITHOUT ROWID;
        CREATE TABLE rungs (
          -- Dev losses on the way, by which successive halving chooses. Their networks may not have ended.
          number INTEGER NOT NULL,
          steps INTEGER NOT NULL,
          dev_loss REAL NOT NULL,
          checksum TEXT NOT NULL,
          PRIMARY KEY (number, steps)
        ) WITHOUT ROWID;
        """;
}
