using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Sweeps.Cluster;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The parts of a sweep, joined.</summary>
static class SweepMergeCommand
{
    static readonly Argument<string> Folder = new("DIR") { Description = "the folder of the sweep, that of --run" };

    static readonly Option<bool> Partial = new("--partial") { Description = "join what is there, and say what is missing" };

    public static Command Create() => new(
        "merge",
        "join the parts of a sweep that were trained with --part, and tell what came of it as a sweep in one process does")
    {
        Folder, Partial, SweepRunOptions.Csv, DataOptions.OfFile,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        string path = parsed.GetValue(Folder)!;
        SweepParts parts = SweepParts.Read(path);
        if (parts.Missing is { } missing && !parsed.GetValue(Partial))
        {
            throw new InvalidRequestException(
                $"the sweep '{path}' is not complete: {missing:whole}: train the rest, or join what is there by {Partial.Name}");
        }
        else if (parts.Missing is not null)
        {
            session.Note($"note: not joined: {parts.Missing:whole}");
        }
        OutputFolder.CheckFiles(path, SweepFolder.Files);
        return OutputFolder.Create(path, "sweep", force: true, folder =>
        {
            using FolderLock held = FolderLock.Take(folder);
            SweepMerge.Join(parsed, session, parts);
            return 0;
        });
    }
}
