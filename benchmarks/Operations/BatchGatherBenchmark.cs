using Makemore.Gpu.Kernels.Elementwise;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>A batch out of a data set on the accelerator. There is no arithmetic in it, and so no reference.</summary>
public class BatchGatherBenchmark : AcceleratorBenchmark
{
    // About as many examples as the lectures' names give.
    const int M = 180_000;

    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("BatchGather.Gather", "[32] of [180000, 3]", bench =>
        {
            // No end among them: a context is read to its beginning.
            Operand<int> data = bench.Own(new Operand<int>(bench.Kernels, rows: 1, [.. Enumerable.Repeat(1, M)]));
            Operand<int> indices = bench.Indices(N, below: M);
            Operand<int> tokens = bench.OutputIndices(N * T), batchTargets = bench.OutputIndices(N);
            Operand<StepState> state = bench.State();
            return new(
                () => bench.Kernels.BatchGather.Gather(
                    data.View, indices.View, state.View, T, tokens.View, batchTargets.View));
        }),
    ];
}
