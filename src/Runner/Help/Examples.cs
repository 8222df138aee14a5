using System.CommandLine;

namespace Makemore.Gpu.Runner.Help;

/// <summary>A call to begin with.</summary>
/// <param name="Purpose">What it does.</param>
/// <param name="Arguments">The command and what follows it.</param>
sealed record Example(string Purpose, params string[] Arguments);

/// <summary>The examples of the help pages.</summary>
static class Examples
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Example> All { get; } =
    [
        new("trains on the names that come with the program", "train"),
        new("trains on names of your own, one on each line", "train", "names.txt"),
        new("a wider network, for a hundred thousand steps", "train", "names.txt", "--hidden", "500", "--steps", "1e5"),
        new("the settings of a run again, with another seed", "train", "--config", "runs/batchnorm-1", "--seed", "7"),
        new("goes on with a run that was stopped", "train", "--resume", "runs/batchnorm-1"),
        new("four networks from three seeds each", "sweep", "--vary", "hidden=100,200", "--vary", "learning-rate=0.05,0.1", "--seeds", "3"),
        new("the latest run on the three splits", "evaluate"),
        new("the same with BatchNorm folded into the layers before it", "evaluate", "runs/batchnorm-1", "--fold"),
        new("20 names from the latest run", "sample"),
        new("new names alone, from a certain run", "sample", "runs/batchnorm-1", "--count", "50", "--new-only"),
        new("bold ones that begin with an m", "sample", "--prompt", "m", "--temperature", "1.2"),
        new("two names by the latest run", "score", "anna", "xqzt"),
        new("the latest run: tables, pictures, a report", "inspect"),
        new("a network as it is before training", "inspect", "--recipe", "naive", "--steps", "0"),
        new("all runs below runs, the newest last", "runs"),
        new("what of them can be spared", "runs", "prune", "--keep-best", "5"),
        new("two runs beside each other", "compare", "batchnorm-1", "batchnorm-2"),
        new("how the scale of the weights spreads through a layer", "explore", "fan-in"),
        new("all recipes after 1,000 steps, from five seeds", "recipes", "--seeds", "5"),
        new("every accelerator of this machine", "devices"),
        new("one batch by the kernels and by the reference", "check", "--accelerator", "cpu"),
        new("whether a training has the same bits however it is run", "check", "--determinism"),
        new("half a minute of measurements", "bench", "--quick"),
        new("fetches the lectures' names.txt", "data"),
        new("what is in a list of names", "data", "--describe", "--data", "names.txt"),
        new("what the command train takes", "help", "train"),
        new("completes commands and options in this shell", "completion", "bash"),
    ];

    /// <summary>Those of a command; of the program as a whole, the first steps.</summary>
    /// <param name="command">The command.</param>
    public static IEnumerable<Example> Of(Command command) => command is RootCommand
        ? All.Where(example => example.Arguments is ["train"] or ["sample"] or ["inspect"])
        : All.Where(example => example.Arguments[0] == command.Name);
}
