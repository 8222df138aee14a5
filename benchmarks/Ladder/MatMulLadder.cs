using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Ladder.Gpus;
using Makemore.Gpu.Benchmarks.Ladder.Processors;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Ladder;

/// <summary>The rungs of a matrix product, from the definition to what the network uses.</summary>
/// <param name="Name">Whose steps they are.</param>
/// <param name="Rungs">The rungs, the lowest first.</param>
/// <param name="MaxSize">The largest matrices that take no more than moments on the lowest rungs.</param>
sealed record MatMulLadder(string Name, IReadOnlyList<IRung> Rungs, int MaxSize = int.MaxValue)
{
    /// <summary>
    /// The steps of a GPU. They are kernels for every device: groups have 256 threads, or a square number of them that the device allows.
    /// </summary>
    /// <param name="launcher">Loads and launches them, in groups of its shape.</param>
    public static MatMulLadder OfGpus(Launcher launcher) => new("GPU",
    [
        new Rung1OneOutputPerThread(launcher), new Rung2NeighboringColumns(launcher), new Rung3SharedTiles(launcher),
        new Rung4FourOutputs(launcher), new Rung5RegisterTiles(launcher), new Rung6VectorizedLoads(launcher), new Rung7MatMul(launcher),
    ]);

    /// <summary>The steps of a processor, all but the last one on one core.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    public static MatMulLadder OfProcessors(Launcher launcher)
    {
        Launcher one = launcher with { Shape = launcher.Shape with { Cores = 1 } };
        return new("processor",
        [
            new Rung1InnerProducts(one), new Rung2RowsInOrder(one), new Rung3Vectors(one), new Rung4RegisterTiles(one),
            new Rung5PackedCopies(one), new Rung6MatMul(launcher),
        ]);
    }

    /// <summary>The ladders of a device: a processor climbs both.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    public static IEnumerable<MatMulLadder> Of(Launcher launcher)
    {
        // A processor's own shape has groups of one thread. Here they are as large as it allows, as on a GPU.
        int groupSize = Math.Min(LaunchShape.PreferredGroupSize, launcher.Accelerator.MaxNumThreadsPerGroup);
        MatMulLadder ofGpus = OfGpus(launcher with { Shape = launcher.Shape with { GroupSize = groupSize } });
        // The CPU accelerator simulates a GPU: barriers, and groups of a thread or two, cost it many times what they win.
        yield return launcher.Accelerator.AcceleratorType == AcceleratorType.CPU ? ofGpus with { MaxSize = 128 } : ofGpus;
        if (!launcher.Shape.IsGpu)
        {
            yield return OfProcessors(launcher);
        }
    }
}
