using System.CommandLine;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The options that say in which settings the networks of a sweep differ.</summary>
static class SweepOptions
{
    /// <summary>The settings that differ, each with its values.</summary>
    public static Option<string[]> Vary { get; } = new("--vary")
    {
        Description = "give a setting of train several values, and train a network for each combination: gain=0.5,1,2 for a list; "
            + "gain=0.5..3:6 for 6 numbers at equal distances, learning-rate=log:0.01..1:9 for 9 at equal ratios, seed=1..8 for whole "
            + "numbers; hidden=100|200|100,100 where a value has commas; several times for several settings",
        HelpName = "NAME=VALUES",
    };

    /// <summary>From how many seeds each combination is trained.</summary>
    public static Option<int?> Seeds { get; } = CommonOptions.Number<int>(
        "--seeds", "train each combination from N seeds: that of --seed and those that follow it");

    /// <summary>How many combinations are drawn.</summary>
    public static Option<int?> Random { get; } = CommonOptions.Number<int>(
        "--random",
        "train N combinations that are drawn by --seed, not all of them: each setting uniformly among its values, or from a range without "
        + "a count, such as learning-rate=log:0.01..1");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Vary, Seeds, Random];
}
