using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Faults;

/// <summary>
/// A call of the driver fails somewhere in training: what comes out is the driver's error, and no other one that came of it. The kernels
/// are loaded once, so that many calls can be tried.
/// </summary>
sealed partial class TrainingFaultTests : WarmKernelTests
{
    const int LaunchFailed = 719;

    // Calls of each function that are tried: the first, the last, and others in between.
    const int TriedCalls = 60;

    static readonly Dataset Data = Dataset.Create(NamesFile.Embedded(), context: 3);
    static readonly Recipe Small = Recipe.Named("batchnorm") with
    {
        Hidden = [8],
        Batch = 8,
        L2 = new Dictionary<string, double> { ["C"] = 0.1, ["W1"] = 0.1 },
    };

    /// <summary>What training calls, kernels once loaded.</summary>
    public static IReadOnlyList<string> Functions { get; } =
        ["cuMemAlloc_v2", "cuMemFree_v2", "cuMemcpyAsync", "cuMemsetD8Async", "cuLaunchKernel", "cuStreamSynchronize"];

    [Test]
    public void The_error_of_the_driver_is_the_error_of_training([Values("layered", "fused")] string strategy, [Values] bool isSticky)
    {
        Accelerator.Bind();
        Train(strategy);
        StandInDriver.Forget();
        Train(strategy);
        // What a graph replays is no call of ours.
        var counts = StandInDriver.Calls.Where(call => call.Mode != CallMode.Replayed).CountBy(call => call.Name).ToDictionary();
        // ILGPU remembers which context is current, and a failure to change it makes that wrong for what comes after it on this
        // accelerator.
        counts.Remove("cuCtxSetCurrent");
        // What is no longer used is given back without a word, as the first error has had its own.
        counts.Remove("cuGraphDestroy");
        counts.Remove("cuGraphExecDestroy");
        if (!isSticky)
        {
            // Finalizers free what earlier faults have left: the one call that fails may be one of theirs.
            counts.Remove("cuMemFree_v2");
        }
        Assert.That(counts.Keys.Where(function => !IsOfGraphs(function)), Is.SubsetOf(Functions));
        foreach ((string function, int calls) in counts)
        {
            IEnumerable<int> tried =
                Enumerable.Range(0, TriedCalls).Select(index => 1 + (int)((calls - 1L) * index / (TriedCalls - 1)));
            foreach (int nth in tried.Distinct())
            {
                StandInDriver.Fail(function, nth, LaunchFailed, isSticky);
                Assert.That(
                    () => Train(strategy),
                    Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Error)).EqualTo("CUDA_ERROR_LAUNCH_FAILED"),
                    $"{function}, call {nth}");
                StandInDriver.Mend();
                Assert.That(cuCtxSetCurrent(Accelerator.NativePtr), Is.Zero);
            }
        }
    }

    static bool IsOfGraphs(string function) =>
        function.Contains("Graph", StringComparison.Ordinal) || function.Contains("Capture", StringComparison.Ordinal);

    void Train(string strategyName)
    {
        var strategy = Strategy.Named(strategyName, Accelerator.Device, Small, Data.Vocabulary.Count);
        using var network = new Mlp(Kernels, Small, Data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        new Trainer(Kernels, network, Configuration.Resolve(Small, Data.Train.Count, steps: 3), generator, strategy)
            .Run(Data.Train, results => { });
        using var evaluator = new Evaluator(Kernels, network, strategy);
        evaluator.Loss(Data.Test);
    }

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuCtxSetCurrent(nint context);
}
