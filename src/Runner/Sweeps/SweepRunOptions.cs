using System.CommandLine;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The options that say how a sweep is trained, what it keeps, and how it goes on.</summary>
static class SweepRunOptions
{
    /// <summary>The folder of a new sweep.</summary>
    public static Option<string?> Folder { get; } = new("--run")
    {
        Description = "the folder of the sweep; runs/sweep-N with the next free N",
        HelpName = "DIR",
    };

    /// <summary>Whether that folder may be there.</summary>
    public static Option<bool> Force { get; } = new("--force")
    {
        Description = "write into a folder that exists, in place of the sweep that was there",
    };

    /// <summary>The part that is trained.</summary>
    public static Option<string?> Part { get; } = new("--part")
    {
        Description = "train the K-th of N equal parts alone, into a folder of its own below that of --run, on as many machines as you "
            + "like; a part that is there goes on; sweep merge DIR joins them",
        HelpName = "K/N",
    };

    /// <summary>The folder of a sweep that goes on.</summary>
    public static Option<string?> Resume { get; } = new("--resume")
    {
        Description = "go on with the sweep of this folder: train what is missing, as if it had never stopped",
        HelpName = "DIR",
    };

    /// <summary>Whether the better half goes on.</summary>
    public static Option<bool> Halving { get; } = new("--halving")
    {
        Description = "successive halving: train all for a while, go on with the better half for twice the steps, and so on, and train one "
            + "to the end; learning rates drop where they do without it",
    };

    /// <summary>Which models are kept.</summary>
    public static Option<KeptModels?> Keep { get; } = CommonOptions.Choice<KeptModels>(
        "--keep", "which models are kept: that of the lowest dev loss, all of them, or none; best");

    /// <summary>Whether nothing is to be trained.</summary>
    public static Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "write nothing: check all networks, show how many there are, what they take, and by a short trial how long",
    };

    /// <summary>The table for other programs.</summary>
    public static Option<string?> Csv { get; } = new("--csv")
    {
        Description = "write a row for each network to this file, too",
        HelpName = "FILE",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Folder, Force, Part, Resume, Halving, Keep, DryRun, Csv];
}
