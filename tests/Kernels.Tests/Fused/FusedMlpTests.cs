using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tests.Embeddings;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Kernels.Tests.Fused;

/// <summary>
/// The fused kernels with guard zones around what they work on, by every number of workers. Whether they compute what they should is
/// tested with the model.
/// </summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.WithWorkers))]
sealed class FusedMlpTests(TestBench bench) : KernelTests(bench)
{
    // As many as the networks' vocabulary has.
    const int Tokens = 29;

    const int Steps = 2;

    static readonly int[] AllCounts = [1, 2, 3, 5, 8, 32];

    // Simulated warps take seconds for each.
    static readonly int[] SlowCounts = [1, 3];

    // OpenCL compiles the kernel anew for each, which takes longest of all: these two other tests train by, too.
    static readonly int[] CompiledCounts = [1, 2];

    static readonly int[] Data = Windows.Data("of any length", 7 * Tokens);

    // Widths on either side of a block and of a vector, with normalized logits and with plain ones; by warp groups, and by warps.
    static IEnumerable<TestCaseData> Networks =>
        from recipe in new[]
        {
            Recipe.Named("deep-batchnorm") with { Name = "a batch of 5", Hidden = [17, 5], Batch = 5, Embedding = 3, L2 = L2 },
            Recipe.Named("kaiming") with { Name = "a batch of 33", Hidden = [1], Batch = 33, Embedding = 1, Context = 1 },
            Recipe.Named("deep-tanh") with { Name = "products by copied blocks", Hidden = [260, 270], Batch = 257 },
        }
        select new TestCaseData(recipe).SetArgDisplayNames(recipe.Name);

    static Dictionary<string, double> L2 => new() { ["C"] = 0.1, ["layers.0.weight"] = 0.2 };

    // Threads of a group, or groups of warps.
    IEnumerable<int> WorkerCounts => Bench.HasWarps
        ? SlowCounts.Where(count => count <= Bench.Accelerator.NumMultiprocessors)
        : (Bench.Accelerator is CPUAccelerator ? AllCounts : CompiledCounts)
            .Where(count => count <= Bench.Accelerator.MaxNumThreadsPerGroup);

    // Every result is one worker's, summed in one order.
    [TestCaseSource(nameof(Networks))]
    public void Training_stays_within_its_memory_and_no_number_of_workers_changes_a_bit(Recipe recipe)
    {
        // A processor copies blocks of large matrices. Simulated warps, which do not, take a minute for them.
        recipe = Bench.HasWarps && recipe.Batch > 256 ? recipe with { Hidden = [65, 70], Batch = 65 } : recipe;
        float[]? expected = null;
        foreach (int workers in WorkerCounts)
        {
            float[] actual = Train(recipe, workers);
            Free();
            Assert.That(actual, Is.All.Matches<float>(float.IsFinite));
            Tensors.AssertSameBits(actual, expected ?? actual, $"by {workers}");
            expected ??= actual;
        }
    }

    [TestCaseSource(nameof(Networks))]
    public void Evaluation_stays_within_its_memory_and_no_number_of_groups_changes_a_bit(Recipe recipe)
    {
        float[]? expected = null;
        foreach (int groups in SlowCounts)
        {
            float[] actual = Evaluate(recipe with { Batch = FusedLayout.MaxPadding }, groups);
            Free();
            Assert.That(actual, Is.All.Matches<float>(float.IsFinite));
            Tensors.AssertSameBits(actual, expected ?? actual, $"by {groups} groups");
            expected ??= actual;
        }
    }

    // The padding of a batch would overwrite what another group has written of the next.
    [Test]
    public void Batches_with_padding_are_refused_to_several_groups()
    {
        Recipe recipe = Recipe.Named("kaiming") with { Hidden = [1], Batch = FusedLayout.MaxPadding - 1 };
        AssertOutOfRange("groups", () => Evaluate(recipe, groups: 2));
    }

    // The losses, then the parameters and statistics.
    float[] Train(Recipe recipe, int workers)
    {
        using Mlp network = Drawn(recipe);
        using var split = new DeviceSplit(Kernels, new Split(Data, recipe.Context));
        FusedForm form = Bench.HasWarps ? FusedForms.OfWarps(recipe.Batch) : FusedForm.Threads;
        Strategy strategy = Strategy.Fused with { Form = form, Threads = workers, Groups = workers };
        using var step = new FusedStep(Kernels, network, split, recipe.Batch, strategy);
        DeviceArray<float> losses = Output(Steps);
        step.Run(Upload(Indices(Steps * recipe.Batch)), Steps, 0.1f, losses);
        step.Store();
        return [.. losses.Read(), .. network.Tensors.SelectMany(tensor => tensor.ToArray())];
    }

    // The losses of examples, then the moments of a batch, the last of which holds few.
    float[] Evaluate(Recipe recipe, int groups)
    {
        FusedForm form = Bench.HasWarps ? FusedForm.Warps : FusedForm.Threads;
        using Mlp network = Drawn(recipe);
        using var split = new DeviceSplit(Kernels, new Split(Data, recipe.Context));
        using var fused = new FusedNetwork(Kernels, network, recipe.Batch, form, threads: 1, groups);
        int[] examples = Indices((2 * recipe.Batch) + 2);
        int features = fused.Layers[0].Outputs, padded = fused.Padded(features);
        DeviceArray<int> indices = Upload(examples);
        DeviceArray<float> losses = Output(examples.Length + FusedLayout.MaxPadding), moments = Output(3 * 2 * padded);
        Kernels.Fused.Losses(fused.Operands(split, indices, losses), form, groups);
        Kernels.Fused.Moments(fused.Operands(split, indices, moments), form, layer: 0, groups);
        return [.. losses.Read()[..examples.Length], .. moments.Read().Where((_, i) => i % padded < features)];
    }

    Mlp Drawn(Recipe recipe)
    {
        var network = new Mlp(Kernels, recipe, Tokens);
        network.Draw(Seeds.Lecture);
        return network;
    }

    // The first example, which has nothing before it, and the last one, among others.
    static int[] Indices(int count) => [0, Data.Length - 1, .. Samples.Integers(count - 2, Data.Length, seed: 1)];
}
