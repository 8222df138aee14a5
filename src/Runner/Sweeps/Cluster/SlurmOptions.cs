using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>The options by which a sweep is trained on a cluster.</summary>
static class SlurmOptions
{
    /// <summary>In how many parts.</summary>
    public static Option<int?> Parts { get; } = CommonOptions.Number<int>(
        "--slurm",
        "train the sweep on a cluster: as a Slurm job of N tasks, each of which trains a part; wait for them, and join the parts");

    /// <summary>What the cluster wants to know.</summary>
    public static Option<string?> Sbatch { get; } = new("--sbatch")
    {
        Description = "with --slurm: options for sbatch, such as \"--partition=gpu --gpus=1 --time=2:00:00\"",
        HelpName = "OPTIONS",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Parts, Sbatch];

    /// <summary>Refuses what tasks of a cluster cannot do.</summary>
    /// <param name="parsed">The call, with <see cref="Parts"/>.</param>
    public static void Check(ParseResult parsed)
    {
        if (parsed.GetValue(Parts) is < 1 or > SweepPart.MostParts)
        {
            throw new InvalidRequestException(
                $"{Parts.Name} is {parsed.GetValue(Parts)} and must be from 1 to {SweepPart.MostParts:N0}");
        }
        if (parsed.FirstGiven([SweepRunOptions.Part]) is { } part)
        {
            throw new InvalidRequestException($"{Parts.Name} makes the parts by itself: leave {part.Name} out");
        }
        if (parsed.GetValue(DataOptions.Data) == NamesFile.StandardInput)
        {
            throw new InvalidRequestException($"tasks of a cluster have no standard input: give {DataOptions.Data.Name} a file");
        }
        if (parsed.GetValue(Sbatch)?.AsSpan().ContainsAny('\n', '\r') == true)
        {
            throw new InvalidRequestException($"{Sbatch.Name} has several lines: give all options in one");
        }
        SweepRules.CheckEqualParts(parsed, Parts);
    }
}
