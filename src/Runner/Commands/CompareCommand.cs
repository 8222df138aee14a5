using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.History;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Runs beside each other.</summary>
static class CompareCommand
{
    const int FewestRuns = 2;

    static readonly Argument<string[]> Runs = new("RUN")
    {
        Description = "the folders of the runs, two or more",
        Arity = ArgumentArity.OneOrMore,
    };

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "the folder of the pictures and the report; runs/compare-N with the next free N",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a folder that exists" };

    public static Command Create() => new(
        "compare",
        "runs beside each other: the settings that differ, losses, and their curves in one picture; tables, pictures and a report")
    {
        Runs, Folder, Force,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        string[] folders = [.. parsed.GetValue(Runs)!.Select(name => FoundModel.FolderOf(name, session))];
        if (folders.Select(Path.GetFullPath).Distinct().Count() < Math.Max(FewestRuns, folders.Length))
        {
            throw new InvalidRequestException(folders.Length < FewestRuns
                ? $"'{folders[0]}' is one run, and {FewestRuns} or more can be compared: name another one"
                : (Explanation)$"a run is named twice: name runs that differ");
        }
        string? folder = parsed.GetValue(Folder);
        bool force = parsed.GetValue(Force);
        OutputFolder.CheckFree(folder, force, [OutputFolder.ReportFile]);
        ComparedRun[] runs = [.. folders.Select(path => ComparedRun.Read(path, note => session.Note($"note: {note}")))];
        IReadOnlyList<DifferentSetting> settings = DifferentSetting.Of(runs);
        PageFiles files = OutputFolder.WritePage(
            folder, "compare", force, path => PageFiles.Write(session, ComparisonPage.Of(runs, settings), path));
        session.Result(new { Runs = runs.Select(run => run.Listed), Settings = settings, files.Report, files.Pictures });
        return 0;
    }
}
