using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>Every form of the same mathematics on every accelerator, for fixtures that run on each.</summary>
static class Forms
{
    /// <summary>Forms of a step of training: accelerator, strategy, threads.</summary>
    public static IEnumerable<TestFixtureData> Training =>
        from name in Accelerators.Names
        from strategy in new[] { Strategy.Layered, Strategy.Fused, Strategy.Fused with { Threads = 2 } }
        select new TestFixtureData(name, strategy.Name, strategy.Threads);

    /// <summary>Forms of a forward pass for evaluation: accelerator, strategy.</summary>
    public static IEnumerable<TestFixtureData> Evaluation =>
        from name in Accelerators.Names
        from strategy in new[] { Strategy.Layered, Strategy.Fused }
        select new TestFixtureData(name, strategy.Name);
}
