using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

/// <summary>Tests of experiments on one accelerator, with the embedded names and the lectures' seed.</summary>
abstract class ExperimentTests(string accelerator)
{
    protected KernelSet Kernels => Accelerators.Kernels(accelerator);

    protected ExperimentContext Context { get; private set; } = null!;

    [SetUp]
    public void OpenLaboratory() => Context = Create();

    [TearDown]
    public void CloseLaboratory() => Context.Dispose();

    protected ExperimentContext Create(
        string strategy = Strategy.Auto, ulong seed = Seeds.LectureSeed, CancellationToken cancellation = default) =>
        new(
            Kernels, TestData.Embedded,
            recipe => Strategy.Named(strategy, Kernels.Accelerator.Device, recipe, TestData.Embedded.Vocabulary.Count),
            seed, cancellation);
}
