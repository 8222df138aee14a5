using System.Text;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Measuring;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Tests.Support;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>All that the program does on an accelerator, so that every kernel is loaded in every form that a launcher asks for.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="device">Their device.</param>
sealed class Workload(KernelSet kernels, Device device)
{
    // The first step is a chunk of its own; a watch looks at the second.
    const int Steps = 3;

    // m, k, n: the lectures' sizes, a large layer's, and sizes that fill a GPU, with each operand's rows aligned and not.
    static readonly (int M, int K, int N)[] Sizes =
    [
        (1, 1, 1), (32, 30, 200), (32, 200, 27), (128, 128, 128), (400, 400, 400), (8192, 30, 4096), (8192, 4096, 27),
        (2048, 2048, 2048), (2047, 2048, 2048), (2048, 2048, 2047), (2048, 2047, 2048), (2047, 2047, 2047),
    ];

    // A recipe may leave out its biases, but not its weight decay; a large network may be trained by other kernels than a small one.
    static readonly Recipe[] Recipes =
    [
        .. Recipe.All,
        Recipe.Named("backprop") with { L2 = new Dictionary<string, double> { ["C"] = 0.1, ["W1"] = 0.1, ["bngain"] = 0.1 } },
        Recipe.Named("deep-batchnorm") with { Hidden = [512, 512], Batch = 1024 },
    ];

    // What has the layered form alone. The gradients of a batch above 32 are summed in slices.
    static readonly Recipe[] LayeredRecipes =
        [Recipes[^1] with { Normalization = Recipes[^1].Normalization!.OfExamples(NormalizationKind.Layer, groups: 1) }];

    static Dataset Data { get; } = Dataset.Create(NamesFile.Parse("small", Encoding.UTF8.GetBytes(SmallNames.Text)), context: 3);

    /// <summary>Does it all.</summary>
    public void Run()
    {
        // The check has kernels of its own. They live as long as somebody holds them, and are seen afterwards.
        var ofProcessors = new KernelSet(
            kernels.Launcher with { Shape = kernels.Launcher.Shape with { HasBlockTiles = false, IsGpu = false } });
        var ofSmallGroups = new MatMul(kernels.Launcher with { Shape = kernels.Launcher.Shape with { HasBlockTiles = false } });
        var onTensorCores = new MatMul(kernels.Launcher with { Precision = Precision.Tf32 });
        var peak = new DevicePeak(kernels.Launcher);
        object[] held =
        [
            new BatchNormSteps(kernels.Launcher), new SoftmaxCrossEntropySteps(kernels.Launcher), ofProcessors, ofSmallGroups,
            onTensorCores, peak,
        ];
        peak.Gigaflops(seconds: 0);
        BatchCheck.AgainstReference(kernels, LectureBatch.Draw(kernels, Data));
        Multiply(kernels.MatMul);
        // The forms of OpenCL on a processor are CUDA's, too, for whoever asks for their launch shape.
        Multiply(ofProcessors.MatMul);
        Multiply(ofSmallGroups);
        new Workload(ofProcessors, device).Train(Recipe.Named("backprop"), Strategy.Layered);
        if (device is CudaDevice { Architecture: { Major: >= 8 } })
        {
            Multiply(onTensorCores);
        }
        foreach (Recipe recipe in Recipes)
        {
            Train(recipe, Strategy.Layered);
            Train(recipe, Strategy.Named(Strategy.Fused.Name, device, recipe, Data.Vocabulary.Count));
            TrainSeveral(recipe);
        }
        foreach (Recipe recipe in LayeredRecipes)
        {
            Train(recipe, Strategy.Layered);
        }
        kernels.Accelerator.Disposed += (_, _) => GC.KeepAlive(held);
    }

    void Multiply(MatMul matMul)
    {
        foreach ((int m, int k, int n) in Sizes)
        {
            using MemoryBuffer1D<float, Stride1D.Dense> a = kernels.Accelerator.Allocate1D<float>((long)m * k);
            using MemoryBuffer1D<float, Stride1D.Dense> b = kernels.Accelerator.Allocate1D<float>((long)k * n);
            using MemoryBuffer1D<float, Stride1D.Dense> c = kernels.Accelerator.Allocate1D<float>((long)m * n);
            matMul.Multiply(a.View, b.View, m, k, n, c.View);
            matMul.MultiplyLeftTransposed(a.View, b.View, m, k, n, c.View);
            matMul.MultiplyRightTransposed(a.View, b.View, m, k, n, c.View);
        }
    }

    // At once, as a sweep does.
    void TrainSeveral(Recipe recipe)
    {
        int vocabulary = Data.Vocabulary.Count;
        var trainer = new ParallelTrainer(kernels, (network, _) => Strategy.Named(Strategy.Fused.Name, device, network, vocabulary));
        NetworkRun[] runs =
        [
            .. new ulong[] { 1, 2, 3 }.Select(seed => NetworkRun.Draw(kernels, new Configuration(recipe, Steps, Steps, seed), vocabulary)),
        ];
        trainer.Train(runs, Data);
        Array.ForEach(runs, run => run.Dispose());
    }

    void Train(Recipe recipe, Strategy strategy)
    {
        using var network = new Mlp(kernels, recipe, Data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        using var watch = new TrainingWatch(kernels, network, Data.Train, every: Steps - 1);
        new Trainer(kernels, network, Configuration.Resolve(recipe, Data.Train.Count, Steps), generator, strategy) { Watch = watch }
            .Run(Data.Train, results => { });
        using (var inspector = new Inspector(kernels, network, Data.Train))
        {
            inspector.Inspect(new int[recipe.Batch], Steps);
        }
        if (recipe.Normalization is not null)
        {
            Calibration.Calibrate(kernels, network, strategy, Data.Dev);
        }
        using var evaluator = new Evaluator(kernels, network, strategy);
        evaluator.Loss(Data.Test);
        _ = new Sampler(kernels, network, Data.Vocabulary, strategy).Sample(count: 1).Single();
    }
}
