using System.CommandLine.Parsing;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>Slurm by its commands.</summary>
static class Slurm
{
    // What squeue says of a job that ended some minutes ago.
    const string Forgotten = "Invalid job id";

    /// <summary>Refuses a machine without Slurm.</summary>
    public static void CheckThere() => Run("sbatch", "--version");

    /// <summary>Submits a job with a task for each part.</summary>
    /// <param name="script">Its script.</param>
    /// <param name="parts">The numbers of the parts.</param>
    /// <param name="logs">The folder of what the tasks write to their outputs.</param>
    /// <param name="options">Options for sbatch beside those of the script, or null.</param>
    /// <returns>The id of the job.</returns>
    /// <exception cref="InvalidRequestException">It is refused.</exception>
    public static string Submit(string script, IEnumerable<int> parts, string logs, string? options)
    {
        string log = Path.Combine(Path.GetFullPath(logs).Replace("%", "%%", StringComparison.Ordinal), "%A-%a.txt");
        string array = string.Join(',', Ranges(parts));
        (int exitCode, string output, string error) = Run(
            "sbatch",
            ["--parsable", $"--array={array}", $"--output={log}", .. CommandLineParser.SplitCommandLine(options ?? ""), script]);
        return exitCode == 0 ? output.Split(';')[0].Trim() : throw new InvalidRequestException(
            $"sbatch refuses the job: {error.Trim().ReplaceLineEndings("; ")}: give it what it asks for by {SlurmOptions.Sbatch.Name}");
    }

    /// <summary>The states of a job's tasks that have not ended, such as RUNNING; null where Slurm does not answer.</summary>
    /// <param name="job">The id of the job.</param>
    public static IReadOnlyList<string>? StatesOf(string job)
    {
        (int exitCode, string output, string error) = Run("squeue", "--noheader", "--array", $"--jobs={job}", "--format=%T");
        return exitCode == 0 || error.Contains(Forgotten, StringComparison.Ordinal)
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : null;
    }

    // 1,2,3,7 as 1-3,7: what is long may not fit on a command line.
    static IEnumerable<string> Ranges(IEnumerable<int> numbers) => numbers.Order().Index()
        .GroupBy(pair => pair.Item - pair.Index, pair => pair.Item.ToString(CultureInfo.InvariantCulture))
        .Select(range => range.Count() == 1 ? range.First() : $"{range.First()}-{range.Last()}");

    static (int ExitCode, string Output, string Error) Run(string command, params IEnumerable<string> arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
        catch (Win32Exception fault)
        {
            throw new InvalidRequestException(
                $"there is no {command} here, by which Slurm takes jobs: call this on a cluster's login node, or train the parts one by "
                + $"one with {SweepRunOptions.Part.Name} K/N",
                fault);
        }
    }
}
