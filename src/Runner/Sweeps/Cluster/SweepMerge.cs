using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>Joins the parts of a sweep, and tells what came of it as a sweep in one process does.</summary>
static class SweepMerge
{
    /// <summary>Joins them. The caller holds the lock of the folder.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to tell it.</param>
    /// <param name="parts">The parts.</param>
    /// <exception cref="InvalidRequestException">No network has ended, or a model is not there.</exception>
    public static void Join(ParseResult parsed, Session session, SweepParts parts)
    {
        IReadOnlyList<NetworkResult> results = parts.Results;
        if (results.Count == 0)
        {
            throw new InvalidRequestException($"no network of the sweep '{parts.Path}' has ended: wait for the first");
        }
        if (!parts.AreOfOneMachine())
        {
            session.Note("note: the parts are of machines that differ in their last bits: losses compare within rounding");
        }
        using var plan = SweepPlan.OfOthers(parsed, session, parts.Settings, parts.Path);
        if (parts.Settings.Keep != KeptModels.None && SweepComparison.Of(results).Best is { } best)
        {
            CopyModel(parts, best.Network.Number);
        }
        SweepStore.Write(SweepFolder.ResultsOf(parts.Path), parts.Settings.ToJson(), results);
        new SweepReport(parsed, session, plan, parts.Path).Write(results, seconds: 0, stepsPerSecond: 0);
    }

    static void CopyModel(SweepParts parts, int number)
    {
        FoundPart part = parts.All.Single(part => part.Part.Has(number));
        string path = SweepFolder.ModelOf(part.Folder, number);
        if (!File.Exists(path))
        {
            throw new InvalidRequestException(
                $"the model of network {number}, the best, is not there: '{path}': bring it back, or delete '{part.Folder}' and train that "
                + $"part again");
        }
        DurableFile.Write(Path.Combine(parts.Path, SweepFolder.ModelFileName), file =>
        {
            using FileStream model = File.OpenRead(path);
            model.CopyTo(file);
        });
    }
}
