using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Which models a sweep keeps.</summary>
enum KeptModels
{
    /// <summary>The one with the lowest dev loss.</summary>
    Best = 0,

    /// <summary>Those of all networks.</summary>
    All = 1,

    /// <summary>None.</summary>
    None = 2,
}

/// <summary>What a sweep works on, and how.</summary>
/// <param name="Accelerator">The device, by its name on the command line.</param>
/// <param name="Device">The device, in words.</param>
/// <param name="Strategy">The form of a step, as it was asked for.</param>
/// <param name="Threads">The networks that a processor trains at once; null for one on each core.</param>
/// <param name="Precision">The precision of matrix products.</param>
/// <param name="Vectors">The vectors of the kernels.</param>
sealed record SweepMachine(string Accelerator, string Device, string Strategy, int? Threads, string Precision, string Vectors)
{
    /// <summary>Whether another one gives the same bits: neither the number of threads counts, nor which of equal devices it is.</summary>
    /// <param name="other">The other one.</param>
    public bool GivesTheBitsOf(SweepMachine other) =>
        this with { Threads = other.Threads, Accelerator = other.Accelerator } == other
        && Accelerator.Split(':')[0] == other.Accelerator.Split(':')[0];

    /// <summary>Says where a sweep goes on here, and another machine gave other bits.</summary>
    /// <param name="session">Where to say it.</param>
    /// <param name="before">The other machine.</param>
    public void TellOther(Session session, SweepMachine before)
    {
        if (!GivesTheBitsOf(before))
        {
            session.Note(
                $"note: the sweep goes on with {this}, and it was {before}: networks from here on have the numbers of one machine within "
                + $"rounding, and not bit for bit");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Accelerator} ({Device}), {Strategy}, {Precision}, {Vectors}";
}

/// <summary>The names of a sweep.</summary>
/// <param name="Source">Where they stand.</param>
/// <param name="Sha256">The SHA-256 of their content.</param>
/// <param name="Format">How they are read, as JSON.</param>
/// <param name="Options">The options of the call that say so, by name; those without a value have an empty one.</param>
sealed record SweepNames(string Source, string Sha256, string Format, IReadOnlyList<Setting> Options)
{
    /// <summary>Those that a call asks for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="file">The file.</param>
    public static SweepNames Of(ParseResult parsed, NamesFile file) => new(
        file.Source, file.Sha256, file.Format.ToJson(),
        [
            .. DataOptions.All.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => new Setting(
                Variation.NameOf(option), parsed.GetResult(option)!.Tokens is [var value, ..] ? value.Value : "")),
        ]);

    /// <summary>Reads them again: the file that a call names, or else that of before, wherever it is found.</summary>
    /// <param name="parsed">The call, with <see cref="DataOptions.OfFile"/>.</param>
    /// <param name="session">Where to show that it takes long.</param>
    /// <param name="path">The folder of the sweep.</param>
    /// <exception cref="InvalidRequestException">They are others.</exception>
    public NamesFile Find(ParseResult parsed, Session session, string path)
    {
        NamesFormat format = DataOptions.Resolve(parsed, NamesFormat.FromJson(Format));
        NamesFile names = parsed.GetValue(DataOptions.Data) is { } asked
            ? NamesLocation.Read(session, asked, format)
            : ModelData.Find(session, Source, Sha256, format, path);
        return names.Sha256 == Sha256 ? names : throw new InvalidRequestException(
            $"the sweep '{path}' was begun on {Source} (SHA-256 {Sha256}), and this is {names.Source} (SHA-256 {names.Sha256}): give "
            + $"--data with the same names");
    }
}

/// <summary>Everything that a sweep was asked for, from which it goes on.</summary>
/// <param name="Request">The networks.</param>
/// <param name="Networks">How many there are.</param>
/// <param name="IsHalving">Whether the better half goes on at each rung.</param>
/// <param name="Keep">Which models are kept.</param>
/// <param name="Names">What they are trained on.</param>
/// <param name="Machine">What they are trained on, and how.</param>
/// <param name="Part">The part that is trained; null for all networks.</param>
/// <param name="JoinedParts">The number of parts that all networks come from; null where they were trained together.</param>
sealed record SweepSettings(
    SweepRequest Request, int Networks, bool IsHalving, KeptModels Keep, SweepNames Names, SweepMachine Machine, SweepPart? Part = null,
    int? JoinedParts = null)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The networks to train.</summary>
    [JsonIgnore]
    public IEnumerable<int> Numbers => Enumerable.Range(0, Networks).Where(number => Part?.Has(number) ?? true);

    /// <summary>Whether others are of the same sweep, on whatever machine, and whichever part of it.</summary>
    /// <param name="other">The others.</param>
    public bool AreOfSweep(SweepSettings other) =>
        ToJson() == (other with { Machine = Machine, Part = Part, JoinedParts = JoinedParts }).ToJson();

    /// <summary>The settings as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads the settings of a stored sweep.</summary>
    /// <param name="path">The file of the sweep, for the message.</param>
    /// <param name="json">What <see cref="ToJson"/> wrote.</param>
    /// <exception cref="InvalidRequestException">They cannot be read.</exception>
    public static SweepSettings Read(string path, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SweepSettings>(json, Json) ?? throw new JsonException("they are null");
        }
        catch (JsonException fault)
        {
            throw new InvalidRequestException(
                $"'{path}' is damaged: its settings cannot be read ({Explanation.ReasonOf(fault)}): start the sweep again with another "
                + $"--run", fault);
        }
    }
}
