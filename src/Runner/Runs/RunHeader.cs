using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>What a run works on, in the lines before its first step.</summary>
static class RunHeader
{
    /// <summary>Tells it.</summary>
    /// <param name="session">Where.</param>
    /// <param name="planned">The run.</param>
    public static void Tell(Session session, PlannedRun planned)
    {
        (Configuration configuration, Dataset data) = (planned.Settings.Configuration, planned.Data);
        FoundDevice device = planned.Started.Found;
        session.Tell("names", planned.NamesDescription);
        if (DataNotes.Changes(data.File.Report, data.File.Format) is { } changes)
        {
            session.Tell("text", changes);
        }
        if (DataNotes.Repeats(data) is { } repeats)
        {
            session.Tell("repeats", repeats);
        }
        IEnumerable<string> splits = data.Splits.Select(part => $"{part.Name} {Format.Count(part.Split.Count)}");
        session.Tell("examples", string.Join(", ", splits));
        session.Tell("accelerator", $"{device.Name}, {device.Description}");
        string size = Format.Counted(planned.Network.ParameterCount, "parameter");
        session.Tell("recipe", $"{configuration.Recipe.Name}, {size}, {Format.Counted(configuration.Steps, "step")}");
    }
}
