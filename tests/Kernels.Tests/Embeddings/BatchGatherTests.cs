using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Embeddings;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

sealed class BatchGatherTests(TestBench bench) : KernelTests(bench)
{
    // tokens, context, steps, step, batch
    static readonly int[][] Shapes =
        [[1, 1, 1, 0, 1], [7, 3, 2, 1, 32], [129, 2, 1, 0, 65], [13, 8, 17, 16, 1], [5, 1, 3, 1, 199], [101, 97, 1, 0, 101]];

    [Test]
    public void Gather_takes_the_windows_that_the_indices_of_the_step_name(
        [ValueSource(nameof(Shapes))] int[] shape, [ValueSource(nameof(Names))] string names)
    {
        (int count, int context, int steps, int step, int batch) = (shape[0], shape[1], shape[2], shape[3], shape[4]);
        int[] data = Windows.Data(names, count);
        int[] indices = Samples.Integers(steps * batch, count, seed: 3);
        // The first example, which has nothing before it, and the last one.
        (indices[step * batch], indices[^1]) = (0, count - 1);
        DeviceArray<int> tokens = Upload(new int[batch * context]), batchTargets = Upload(new int[batch]);

        Kernels.BatchGather.Gather(Upload(data), Upload(indices), State(step), context, tokens, batchTargets);

        int[] chosen = [.. indices.Skip(step * batch).Take(batch)];
        Assert.That(tokens.Read(), Is.EqualTo(chosen.SelectMany(example => Windows.Context(data, example, context))));
        Assert.That(batchTargets.Read(), Is.EqualTo(chosen.Select(example => data[example])));
    }

    [Test]
    public void A_boundary_that_ends_no_name_hides_nothing()
    {
        int[] data = [5, BatchGather.InnerBoundary, 7, 8, 4, BatchGather.End, BatchGather.InnerBoundary, 9];
        int[] indices = [3, 7];
        DeviceArray<int> tokens = Upload(new int[6]), targets = Upload(new int[2]);
        Kernels.BatchGather.Gather(Upload(data), Upload(indices), State(0), 3, tokens, targets);
        int[] expected = [5, 0, 7, 0, 0, 0];
        Assert.That(tokens.Read(), Is.EqualTo(expected));
        Assert.That(targets.Read(), Is.EqualTo(indices.Select(example => data[example])));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<int> data = Upload(new int[5]), indices = Upload(new int[4]);
        ArrayView<int> tokens = Upload(new int[12]), batchTargets = Upload(new int[4]), wrong = Upload(new int[11]);
        ArrayView<StepState> state = State(0);
        AssertRejects("tokens", () => Kernels.BatchGather.Gather(data, indices, state, 3, wrong, batchTargets));
        AssertRejects("indices", () => Kernels.BatchGather.Gather(data, wrong, state, 3, tokens, batchTargets));
        AssertRejects("state", () => Kernels.BatchGather.Gather(data, indices, state.SubView(0, 0), 3, tokens, batchTargets));
    }

    static IEnumerable<string> Names => Windows.Kinds;
}
