using ILGPU;

namespace Makemore.Gpu.Kernels.Tests.Operations;

public sealed class BatchGatherTests(TestBench bench) : KernelTests(bench)
{
    // examples, context, indices, where the batch begins, batch
    static readonly int[][] Shapes = [[1, 1, 1, 0, 1], [7, 3, 40, 8, 32], [129, 2, 65, 0, 65], [13, 8, 17, 16, 1], [5, 1, 300, 101, 199]];

    [TestCaseSource(nameof(Shapes))]
    public void GatherTakesTheExamplesThatTheIndicesName(int examples, int context, int count, int first, int batch)
    {
        int[] contexts = Samples.Integers(examples * context, 27, seed: 1);
        int[] targets = Samples.Integers(examples, 27, seed: 2);
        int[] indices = Samples.Integers(count, examples, seed: 3);
        DeviceArray<int> tokens = Upload(new int[batch * context]), batchTargets = Upload(new int[batch]);

        Kernels.BatchGather.Gather(Upload(contexts), Upload(targets), Upload(indices), first, context, tokens, batchTargets);

        IEnumerable<int> chosen = indices.Skip(first).Take(batch);
        Assert.That(tokens.Read(), Is.EqualTo(chosen.SelectMany(example => contexts.Skip(example * context).Take(context))));
        Assert.That(batchTargets.Read(), Is.EqualTo(chosen.Select(example => targets[example])));
    }

    [Test]
    public void RejectsViewsOfTheWrongLength()
    {
        ArrayView<int> contexts = Upload(new int[15]), targets = Upload(new int[5]), indices = Upload(new int[4]);
        ArrayView<int> tokens = Upload(new int[12]), batchTargets = Upload(new int[4]), wrong = Upload(new int[11]);
        AssertRejects("contexts", () => Kernels.BatchGather.Gather(wrong, targets, indices, 0, 3, tokens, batchTargets));
        AssertRejects("tokens", () => Kernels.BatchGather.Gather(contexts, targets, indices, 0, 3, wrong, batchTargets));
        AssertOutOfRange("first", () => Kernels.BatchGather.Gather(contexts, targets, indices, 1, 3, tokens, batchTargets));
    }
}
