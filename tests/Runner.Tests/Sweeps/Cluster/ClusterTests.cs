using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps.Cluster;

/// <summary>Tests of sweeps in parts: small ones, each network of which is trained in no time.</summary>
abstract class ClusterTests : CommandTests
{
    /// <summary>The call of a sweep of some networks.</summary>
    protected static string[] Sweep(int networks, params string[] options) =>
    [
        "sweep", "--data", SmallNames.Write(), "--accelerator", "cpu", "--hidden", "8", "--batch", "8", "--steps", "20", "--vary",
        $"seed=1..{networks}", .. options,
    ];

    /// <summary>Trains a part.</summary>
    protected static Outcome Part(int networks, string part, string folder, params string[] options) =>
        Succeed(Sweep(networks, ["--part", part, "--run", folder, .. options]));

    /// <summary>The results of a sweep bit for bit, but for the time that they took.</summary>
    protected static string[] Results(string folder)
    {
        using var store = SweepStore.Read(SweepFolder.ResultsOf(folder));
        return
        [
            .. store.Results().Select(result => SomeResults.Exactly(result with { Outcome = result.Outcome with { Seconds = 0 } })),
        ];
    }

    /// <summary>Asserts that two sweeps have the same losses and the same best model, bit for bit.</summary>
    protected static void AssertSame(string folder, string other)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Results(folder), Is.EqualTo(Results(other)));
            Assert.That(
                File.ReadAllBytes(Path.Combine(folder, SweepFolder.ModelFileName)),
                Is.EqualTo(File.ReadAllBytes(Path.Combine(other, SweepFolder.ModelFileName))));
        }
    }
}
