using System.CommandLine;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>A run that goes on: what its folder holds, with what the call changes.</summary>
/// <param name="Settings">The settings that it had.</param>
/// <param name="Checkpoint">Its newest checkpoint that is whole.</param>
/// <param name="Data">Its names.</param>
/// <param name="Configuration">The settings of its training from here on.</param>
/// <param name="Schedule">What it writes down from here on.</param>
sealed record ResumedRun(RunSettings Settings, ModelFile Checkpoint, Dataset Data, Configuration Configuration, RunSchedule Schedule)
{
    /// <summary>Reads the folder of a run.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to tell which checkpoint is damaged.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="InvalidRequestException">It is no such folder, or the call asks for another run than that.</exception>
    public static ResumedRun Read(ParseResult parsed, Session session, string path)
    {
        if (!Directory.Exists(path))
        {
            throw new InvalidRequestException($"there is no run folder '{path}': give --resume a folder that the command train wrote");
        }
        string file = System.IO.Path.Combine(path, RunFolder.ConfigurationFile);
        var settings = RunSettings.Read(file);
        RefuseOthers(parsed, path, settings);
        ModelFile checkpoint = RunFolder.CheckpointsOf(path).ReadNewest(
            broken => session.Note($"note: {broken}: the checkpoint before it is taken"));
        Configuration configuration = checkpoint.Configuration with { Steps = settings.Configuration.Steps };
        if (configuration.ToJson() != settings.Configuration.ToJson())
        {
            throw new InvalidRequestException($"{checkpoint.Name} is of another run than '{file}': they have other settings");
        }
        if (parsed.GetValue(NetworkOptions.Steps) is { } steps)
        {
            configuration = steps >= checkpoint.Step
                ? configuration with { Steps = steps }
                : throw new InvalidRequestException(
                    $"--steps is {steps}, and the run '{path}' has done {checkpoint.Step}: give at least as many");
        }
        SizeLimits.Check(configuration, checkpoint.Vocabulary.Count);
        NamesFormat format = DataOptions.Resolve(parsed, checkpoint.NamesFormat);
        Dataset data = ModelData.Read(checkpoint, DataOptions.FileOf(parsed), format, session, mustBeSame: true);
        return new ResumedRun(
            settings, checkpoint, data, configuration, RunOptions.Resolve(parsed, settings.Schedule, configuration, data));
    }

    // What makes another run of it.
    static void RefuseOthers(ParseResult parsed, string path, RunSettings settings)
    {
        IEnumerable<Option> others =
        [
            RunOptions.Folder, RunOptions.Force, RunOptions.Config,
            .. NetworkOptions.All.Except([NetworkOptions.Steps]), .. DataOptions.All.Except(DataOptions.OfFile),
        ];
        if (parsed.FirstGiven(others) is not { } option)
        {
            return;
        }
        string asked = string.Join(' ', parsed.GetResult(option)!.Tokens.Select(token => token.Value));
        string name = option.Name.TrimStart('-').Replace('-', '_');
        string had = Find(JsonNode.Parse(settings.Configuration.ToJson()), name) is { } value
            ? $", and the run '{path}' has {(value is JsonObject named ? named["name"] : value)?.ToJsonString()}"
            : $", and the run '{path}' goes on as it was begun";
        throw new InvalidRequestException($"{option.Name}{(asked.Length > 0 ? $" is {asked}" : " is for a new run")}{had}: leave it out");
    }

    static JsonNode? Find(JsonNode? node, string name) => node is JsonObject settings
        ? settings[name] ?? settings.Select(property => Find(property.Value, name)).FirstOrDefault(found => found is not null)
        : null;
}
