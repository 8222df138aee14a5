using Makemore.Gpu.Runner.Tests.Support;
using Makemore.Gpu.Soak.Mutations;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests;

/// <summary>Damaged files and calls, the same in every run: nothing but a word about what is wrong may come of them.</summary>
sealed class FuzzTests
{
    [OneTimeSetUp]
    public void SkipOtherAccelerators() => CommandTests.NeedCpuAccelerator();

    const int TrialsOfAKind = 200;

    // A call that then still works, such as a long training, is asked to stop.
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    static readonly Lazy<Material> Files = new(Material.Make);

    [TestCaseSource(typeof(Trial), nameof(Trial.Kinds))]
    public void Damage_ends_in_a_message_and_touches_no_other_file(string kind)
    {
        using var folder = new TrialFolder(Files.Value, Limit);
        var faults = new List<string>();
        var exitCodes = new HashSet<int>();
        for (int seed = 0; seed < TrialsOfAKind; seed++)
        {
            var trial = Trial.Of(Files.Value, kind, seed);
            Ending ending = folder.Run(trial);
            exitCodes.Add(ending.ExitCode);
            if (ending.Fault is { } fault)
            {
                faults.Add($"{trial}: {fault}\n{ending.Error}");
            }
        }
        Assert.That(faults, Is.Empty);
        // Else the files were not damaged, or nobody read them.
        Assert.That(exitCodes, Does.Contain(2));
    }

    [TestCase(0, "")]
    [TestCase(0, "note: a thing\n")]
    [TestCase(2, "makemore: no such file\n")]
    [TestCase(2, "makemore: no such file\nMakemore.Gpu.Kernels.Devices.InvalidRequestException: no such file\n   at X.Y()\n")]
    [TestCase(1, "step 0\nmakemore: the disk is full\nSystem.IO.IOException: the disk is full\n   at X.Y()\n")]
    [TestCase(130, "makemore: interrupted\n")]
    public void An_end_as_it_should_be_is_no_fault(int exitCode, string error) => Assert.That(Verdict.Of(exitCode, error), Is.Null);

    [TestCase(0, "makemore: a fault\n")]
    [TestCase(1, "")]
    [TestCase(2, "no such file\n")]
    [TestCase(2, "makemore: \n")]
    [TestCase(2, "makemore: no such file\nor folder\n")]
    [TestCase(3, "makemore: a fault\n")]
    [TestCase(139, "")]
    [TestCase(1, "makemore: Object reference not set\nSystem.NullReferenceException: Object reference not set\n   at X.Y()\n")]
    [TestCase(1, "makemore: The given key\nSystem.Collections.Generic.KeyNotFoundException: The given key\n   at X.Y()\n")]
    [TestCase(1, "makemore: Index was\nSystem.ArgumentOutOfRangeException: Index was\n   at X.Y()\n")]
    public void Any_other_end_is_one(int exitCode, string error) => Assert.That(Verdict.Of(exitCode, error), Is.Not.Null);
}
