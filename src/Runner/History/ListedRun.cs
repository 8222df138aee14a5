using System.Text.Json.Serialization;

namespace Makemore.Gpu.Runner.History;

/// <summary>How it stands with a run, or a sweep.</summary>
[JsonConverter(typeof(SnakeCaseWords<RunState>))]
enum RunState
{
    /// <summary>A process is writing to its folder.</summary>
    Running = 0,

    /// <summary>It came to its end.</summary>
    Finished = 1,

    /// <summary>It was interrupted, or its process was killed: it can go on.</summary>
    Stopped = 2,

    /// <summary>Its loss became infinite or not a number.</summary>
    Diverged = 3,

    /// <summary>Its files cannot be read, or are not those of a run.</summary>
    Damaged = 4,
}

/// <summary>What is known of a run, or of a sweep, by its folder.</summary>
/// <param name="Path">The folder.</param>
/// <param name="State">How it stands with it.</param>
/// <param name="SizeBytes">What the files of the folder take.</param>
/// <param name="ChangedAt">When it ended; where that is not known, when its files were last written.</param>
sealed record ListedRun(string Path, RunState State, long SizeBytes, DateTimeOffset ChangedAt)
{
    /// <summary>The name of the folder.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Whether it is a sweep; its losses are then those of its best network.</summary>
    public bool IsSweep { get; init; }

    /// <summary>Why it is called damaged; null where it is not.</summary>
    public string? Fault { get; init; }

    /// <summary>The name of the recipe; null where it is not known.</summary>
    public string? Recipe { get; init; }

    /// <summary>The file of the names; null where it is not known.</summary>
    public string? Data { get; init; }

    /// <summary>Where it ran; null where it is not known.</summary>
    public string? Accelerator { get; init; }

    /// <summary>The form of a step; null where it is not known.</summary>
    public string? Strategy { get; init; }

    /// <summary>The steps that were done, or the networks of a sweep that have ended; null where that is not known.</summary>
    public int? Done { get; init; }

    /// <summary>The steps of the whole run, or the networks of a sweep; null where that is not known.</summary>
    public int? Of { get; init; }

    /// <summary>The losses of the splits at its end, by name; null where they are not known.</summary>
    public IReadOnlyDictionary<string, double>? Losses { get; init; }

    /// <summary>The dev loss that was measured last on the way, maybe on a part of the split; null where none was.</summary>
    public double? LastDev { get; init; }

    /// <summary>The steps a second; null where that is not known.</summary>
    public double? StepsPerSecond { get; init; }

    /// <summary>How long it took; null where that is not known.</summary>
    public double? Seconds { get; init; }

    /// <summary>The loss of a split; that of dev as it is known best.</summary>
    /// <param name="split">The split.</param>
    public double? Loss(string split) =>
        Losses is not null && Losses.TryGetValue(split, out double loss) ? loss : split == "dev" ? LastDev : null;
}

/// <summary>Writes the values of an enum as words.</summary>
/// <typeparam name="T">The enum.</typeparam>
sealed class SnakeCaseWords<T>() : JsonStringEnumConverter<T>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
