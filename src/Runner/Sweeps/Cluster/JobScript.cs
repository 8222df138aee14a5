using System.CommandLine;
using System.CommandLine.Parsing;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>The script of a job whose tasks train the parts of a sweep.</summary>
static class JobScript
{
    static readonly IEnumerable<Option> Passed =
    [
        .. SweepOptions.All, SweepRunOptions.Keep, .. DataOptions.All, .. NetworkOptions.All, CommonOptions.Accelerator,
        .. StrategyOptions.All,
    ];

    /// <summary>The text: each task calls this program as it was called, for the part of its number.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="folder">The folder of the sweep.</param>
    public static string Of(ParseResult parsed, int parts, string folder)
    {
        IEnumerable<string> arguments = Passed.SelectMany(option => Given(parsed, option));
        string call = string.Join(' ', ((IEnumerable<string>)[.. ThisProgram(), "sweep", .. arguments]).Select(ProgramCall.Quote));
        string options = parsed.GetValue(SlurmOptions.Sbatch) is { } sbatch ? $"#SBATCH {sbatch}\n" : "";
        return $"""
            #!/bin/sh
            # Each task trains a part of a sweep. To go on with what is missing: makemore sweep --slurm {parts} --resume DIR
            #SBATCH --job-name=makemore
            {options}cd {ProgramCall.Quote(Environment.CurrentDirectory)} || exit
            exec {call} --part "$SLURM_ARRAY_TASK_ID/{parts}" --run {ProgramCall.Quote(Path.GetFullPath(folder))}

            """.ReplaceLineEndings("\n");
    }

    static IEnumerable<string> Given(ParseResult parsed, Option option) => parsed.GetResult(option) switch
    {
        OptionResult { Implicit: false, Tokens: [] } => [option.Name],
        OptionResult { Implicit: false } given => given.Tokens.SelectMany(value => (string[])[option.Name, value.Value]),
        _ => [],
    };

    // A DLL needs the program dotnet that has started it.
    static string[] ThisProgram()
    {
        string started = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(started) == "dotnet"
            ? [started, Path.Combine(AppContext.BaseDirectory, $"{typeof(JobScript).Assembly.GetName().Name}.dll")]
            : [started];
    }
}
