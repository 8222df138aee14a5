using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>The settings of a run, by which another one is trained; options of the call go before them.</summary>
/// <param name="File">The file.</param>
/// <param name="Configuration">The settings of the training.</param>
/// <param name="Machine">What the run worked on, and how; null where an earlier version has not written all of it.</param>
/// <param name="Schedule">What it wrote down, and when it was to stop; null where an earlier version has not written all of it.</param>
/// <param name="Names">What it was trained on; null where the file does not say it.</param>
sealed record GivenConfig(
    string File, Configuration Configuration, RunMachine? Machine, RunSchedule? Schedule, NamesFingerprint? Names)
{
    static readonly string[] NamesKeys = ["data_source", "data_sha256", "data_format"];

    static readonly JsonSerializerOptions Strict = new(RunSettings.Json)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The settings that a call gives; null where it gives none.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">The call's output.</param>
    /// <exception cref="InvalidRequestException">They cannot be read, or one of them is not known.</exception>
    public static GivenConfig? Of(ParseResult parsed, Session session)
    {
        if (parsed.GetValue(RunOptions.Config) is not { } asked)
        {
            return null;
        }
        string path = FoundModel.FolderOf(asked, session);
        return Read(Directory.Exists(path) ? Path.Combine(path, RunFolder.ConfigurationFile) : path);
    }

    /// <summary>Reads the names: those that a call names, or else those of the run.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to show that it takes long.</param>
    /// <exception cref="InvalidRequestException">They cannot be found.</exception>
    public NamesFile Read(ParseResult parsed, Session session)
    {
        string? asked = DataOptions.FileOf(parsed);
        NamesFormat format = DataOptions.Resolve(parsed, Names?.Format);
        if (asked is not null || Names is null)
        {
            return NamesLocation.Read(session, asked, format);
        }
        string? folder = Path.GetDirectoryName(File);
        NamesFile found = ModelData.Find(session, Names.Source, Names.Sha256, format, folder);
        return found.Sha256 == Names.Sha256 ? found : throw new InvalidRequestException(
            $"the run of '{File}' was trained on {DataSource.Shown(Names.Source, folder)} (SHA-256 {Names.Sha256}), which is not found: "
            + $"give --data with a file of names");
    }

    /// <summary>Tells where the run worked on something else, and gave other bits.</summary>
    /// <param name="session">Where to tell it.</param>
    /// <param name="machine">What this one works on, and how.</param>
    public void TellOther(Session session, RunMachine machine)
    {
        if (Machine is not null && !machine.GivesTheBitsOf(Machine))
        {
            session.Note(
                $"note: the run of '{File}' was trained with {Machine}, and this is {machine}: the numbers are the same within rounding, "
                + $"and not bit for bit");
        }
    }

    static GivenConfig Read(string file)
    {
        try
        {
            string json = RunSettings.ReadText(file, "--config");
            JsonObject all = JsonNode.Parse(json)?.AsObject() ?? throw new JsonException("it is null");
            JsonObject machine = Take(all, RunSettings.KeysOf<RunMachine>());
            JsonObject schedule = Take(all, RunSettings.KeysOf<RunSchedule>());
            JsonObject names = Take(all, NamesKeys);
            if (Configuration.FirstUnknown(all.ToJsonString()) is { } unknown)
            {
                throw new InvalidRequestException($"'{file}' has a setting '{unknown}', which is not known: correct it, or leave it out");
            }
            var configuration = Configuration.FromJson(all.ToJsonString());
            configuration.Validate();
            var given = new GivenConfig(
                file, configuration, Whole<RunMachine>(machine), Whole<RunSchedule>(schedule), NamesFingerprint.Of(names));
            given.Schedule?.Validate();
            return given;
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidRequestException(
                $"'{file}' is no file of settings ({Explanation.ReasonOf(fault)}): give --config a config.json that train wrote", fault);
        }
    }

    // Of an earlier version not all are there.
    static T? Whole<T>(JsonObject settings)
        where T : class =>
        RunSettings.KeysOf<T>(required: true).All(settings.ContainsKey) ? settings.Deserialize<T>(Strict) : null;

    static JsonObject Take(JsonObject all, IEnumerable<string> keys)
    {
        var taken = new JsonObject();
        foreach (string key in keys)
        {
            if (all.Remove(key, out JsonNode? value))
            {
                taken[key] = value;
            }
        }
        return taken;
    }
}

/// <summary>What a run was trained on.</summary>
/// <param name="Source">Where the names were, as <see cref="DataSource"/> says it.</param>
/// <param name="Sha256">The SHA-256 of their content.</param>
/// <param name="Format">How they were read.</param>
sealed record NamesFingerprint(string Source, string Sha256, NamesFormat Format)
{
    /// <summary>What settings say of it; null where they do not.</summary>
    /// <param name="settings">The settings.</param>
    public static NamesFingerprint? Of(JsonObject settings) =>
        (settings["data_source"], settings["data_sha256"]) is ({ } source, { } sha256)
            ? new(
                source.GetValue<string>(), sha256.GetValue<string>(),
                settings["data_format"] is { } format ? NamesFormat.FromJson(format.ToJsonString()) : NamesFormat.Default)
            : null;
}
