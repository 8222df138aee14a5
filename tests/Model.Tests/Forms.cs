using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Execution;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>Every form of the same mathematics on every accelerator, for fixtures that run on each.</summary>
static class Forms
{
    /// <summary>Forms of a step of training: accelerator, strategy, threads of a group, who works in the fused form, groups.</summary>
    public static IEnumerable<TestFixtureData> Training =>
        from name in Accelerators.Names
        from strategy in IsCuda(name) ? OnCuda(name) : [Strategy.Layered, Strategy.Fused, Strategy.Fused with { Threads = 2 }]
        select new TestFixtureData(name, strategy.Name, strategy.Threads, strategy.Form, strategy.Groups);

    /// <summary>Forms of a step by warps, on simulated ones, which take seconds for what others do in a millisecond: strategy.</summary>
    public static IEnumerable<Strategy> Warps =>
        from groups in new[] { 1, 2 }
        select Strategy.Fused with { Form = FusedForm.WarpGroups, Groups = groups };

    /// <summary>Forms of a forward pass for evaluation: accelerator, strategy, who works in the fused form.</summary>
    public static IEnumerable<TestFixtureData> Evaluation =>
        from name in Accelerators.Names
        from strategy in new[] { Strategy.Layered, Strategy.Fused with { Form = IsCuda(name) ? FusedForm.Warps : FusedForm.Threads } }
        select new TestFixtureData(name, strategy.Name, strategy.Form);

    // As many groups as the lectures' networks have, and a few that take several parts each.
    static Strategy[] OnCuda(string name)
    {
        int groups = Math.Min(50, Accelerators.Multiprocessors(name));
        Strategy warpGroups = Strategy.Fused with { Form = FusedForm.WarpGroups };
        return
        [
            Strategy.Layered, warpGroups with { Groups = groups }, warpGroups with { Groups = 7 },
            Strategy.Fused with { Form = FusedForm.Warps, Groups = groups },
        ];
    }

    static bool IsCuda(string accelerator) => accelerator.StartsWith("cuda", StringComparison.Ordinal);
}
