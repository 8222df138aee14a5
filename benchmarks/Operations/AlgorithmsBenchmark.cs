using BenchmarkDotNet.Attributes;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Algorithms.RadixSortOperations;
using ILGPU.Algorithms.Random;
using ILGPU.Algorithms.ScanReduceOperations;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Model.Random;
using static Makemore.Gpu.Benchmarks.LectureSizes;
using Statistics = Makemore.Gpu.Kernels.Reductions.Statistics;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>
/// What the project does in its own way, beside what ILGPU.Algorithms has for it: reductions, its radix sort, its random numbers.
/// docs/architecture.md shows the results, and says why the own way is taken.
/// </summary>
public class AlgorithmsBenchmark : AcceleratorBenchmark
{
    // A batch that fills a GPU, and about as many examples as the lectures' names give.
    const int LargeBatch = 8192;
    const int M = 180_000;

    // So many steps' batches go to the accelerator at once.
    const int Steps = 1000;

    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
        [Mean(N), Mean(M), Summary(N * H), Summary(M), EmbeddingGradient(N), EmbeddingGradient(LargeBatch), BatchIndices()];

    /// <summary>By ILGPU.Algorithms, operands and results staying on the accelerator.</summary>
    [Benchmark(OperationsPerInvoke = LaunchesPerWait)]
    public void Algorithms() => LaunchAndWait(((Compared)Measured).Algorithms);

    /// <param name="Launch">Launches it in the project's own way.</param>
    /// <param name="Algorithms">Launches what ILGPU.Algorithms has in its place.</param>
    sealed record Compared(Action Launch, Action Algorithms) : Measured(Launch);

    static Operation Mean(int count) => new("mean of losses; a sum by reduction", $"[{count}]", bench =>
    {
        Operand<float> losses = bench.Input(count), record = bench.Output(1);
        Operand<StepState> state = bench.State();
        Reduction<float, Stride1D.Dense> sum =
            bench.Kernels.Accelerator.CreateReduction<float, Stride1D.Dense, AddFloat>();
        return new Compared(
            () => bench.Kernels.SoftmaxCrossEntropy.Mean(losses.View, state.View, record.View),
            () => sum(bench.Kernels.Stream, losses.View, record.View));
    });

    static Operation Summary(int count) => new("mean, deviation and extremes; sum and extremes by reductions", $"[{count}]", bench =>
    {
        Operand<float> x = bench.Input(count), scratch = bench.Output(Statistics.ScratchLength);
        Operand<float> summary = bench.Output(Statistics.SummaryLength);
        Accelerator accelerator = bench.Kernels.Accelerator;
        Reduction<float, Stride1D.Dense> sum = accelerator.CreateReduction<float, Stride1D.Dense, AddFloat>();
        Reduction<float, Stride1D.Dense> minimum = accelerator.CreateReduction<float, Stride1D.Dense, MinFloat>();
        Reduction<float, Stride1D.Dense> maximum = accelerator.CreateReduction<float, Stride1D.Dense, MaxFloat>();
        return new Compared(
            () => bench.Kernels.Statistics.Summarize(x.View, scratch.View, summary.View),
            () =>
            {
                sum(bench.Kernels.Stream, x.View, summary.View.SubView(0, 1));
                minimum(bench.Kernels.Stream, x.View, summary.View.SubView(2, 1));
                maximum(bench.Kernels.Stream, x.View, summary.View.SubView(3, 1));
            });
    });

    static Operation EmbeddingGradient(int batch) => new("gradient of the embedding; radix sort of its tokens", $"[{batch}, 3]", bench =>
    {
        int count = batch * T;
        Operand<int> tokens = bench.Indices(count, below: V), sorted = bench.Indices(count, below: V);
        Operand<int> positions = bench.Indices(count, below: count);
        Operand<float> dy = bench.Input(count, E), dTable = bench.Output(V, E);
        Accelerator accelerator = bench.Kernels.Accelerator;
        RadixSortPairs<int, Stride1D.Dense, int, Stride1D.Dense> sort =
            accelerator.CreateRadixSortPairs<int, Stride1D.Dense, int, Stride1D.Dense, AscendingInt32>();
        Operand<int> scratch = bench.OutputIndices(
            accelerator.ComputeRadixSortPairsTempStorageSize<int, int, AscendingInt32>(count));
        return new Compared(
            () => bench.Kernels.Embedding.Backward(tokens.View, dy.View, E, dTable.View),
            () => sort(bench.Kernels.Stream, sorted.View, positions.View, scratch.View));
    });

    static Operation BatchIndices() => new($"{Steps} batches' indices; as many random numbers", $"[{Steps * N}]", bench =>
    {
        Operand<int> indices = bench.OutputIndices(Steps * N);
        var generator = new TorchGenerator(Seeds.LectureSeed);
        RNG<XorShift128Plus> random = bench.Own(RNG.Create<XorShift128Plus>(bench.Kernels.Accelerator, new System.Random(42)));
        return new Compared(
            () =>
            {
                generator.RandInt(0, M, indices.Values);
                indices.CopyToAccelerator();
            },
            () => random.FillUniform(bench.Kernels.Stream, indices.View));
    });
}
