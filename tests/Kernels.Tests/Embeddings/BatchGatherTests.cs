using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

sealed class BatchGatherTests(TestBench bench) : KernelTests(bench)
{
    // examples, context, steps, step, batch
    static readonly int[][] Shapes = [[1, 1, 1, 0, 1], [7, 3, 2, 1, 32], [129, 2, 1, 0, 65], [13, 8, 17, 16, 1], [5, 1, 3, 1, 199]];

    [TestCaseSource(nameof(Shapes))]
    public void Gather_takes_the_examples_that_the_indices_of_the_step_name(int examples, int context, int steps, int step, int batch)
    {
        int[] contexts = Samples.Integers(examples * context, 27, seed: 1);
        int[] targets = Samples.Integers(examples, 27, seed: 2);
        int[] indices = Samples.Integers(steps * batch, examples, seed: 3);
        DeviceArray<int> tokens = Upload(new int[batch * context]), batchTargets = Upload(new int[batch]);

        Kernels.BatchGather.Gather(Upload(contexts), Upload(targets), Upload(indices), State(step), context, tokens, batchTargets);

        IEnumerable<int> chosen = indices.Skip(step * batch).Take(batch);
        Assert.That(tokens.Read(), Is.EqualTo(chosen.SelectMany(example => contexts.Skip(example * context).Take(context))));
        Assert.That(batchTargets.Read(), Is.EqualTo(chosen.Select(example => targets[example])));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<int> contexts = Upload(new int[15]), targets = Upload(new int[5]), indices = Upload(new int[4]);
        ArrayView<int> tokens = Upload(new int[12]), batchTargets = Upload(new int[4]), wrong = Upload(new int[11]);
        ArrayView<StepState> state = State(0);
        AssertRejects("contexts", () => Kernels.BatchGather.Gather(wrong, targets, indices, state, 3, tokens, batchTargets));
        AssertRejects("tokens", () => Kernels.BatchGather.Gather(contexts, targets, indices, state, 3, wrong, batchTargets));
        AssertRejects("indices", () => Kernels.BatchGather.Gather(contexts, targets, targets, state, 3, tokens, batchTargets));
        AssertRejects("state", () => Kernels.BatchGather.Gather(contexts, targets, indices, state.SubView(0, 0), 3, tokens, batchTargets));
    }
}
