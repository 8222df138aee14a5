using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>Networks to test with.</summary>
static class Networks
{
    static readonly Recipe[] Shapes =
    [
        Recipe.Named("batchnorm"),
        Recipe.Named("backprop"),
        Recipe.Named("batchnorm") with { Name = "batchnorm, two hidden layers", Hidden = [20, 10] },
        Recipe.Named("backprop") with { Name = "backprop, two hidden layers", Hidden = [20, 10] },
        Recipe.Named("backprop") with { Name = "odd sizes", Hidden = [7], Embedding = 3, Batch = 5 },
        Recipe.Named("backprop") with { Name = "without normalization", Hidden = [33, 17], Normalization = null, Batch = 1 },
        Recipe.Named("deep-linear") with { Hidden = [20, 10] },
        Recipe.Named("deep-tanh") with { Hidden = [20, 33], Batch = 5 },
        Recipe.Named("deep-batchnorm") with { Hidden = [17], Batch = 16 },
        Recipe.Named("batchnorm") with { Name = "batchnorm without tanh", Hidden = [20, 10], Activation = Activation.None },
        Recipe.Named("backprop") with { Name = "L2, odd sizes", Hidden = [7], Embedding = 3, Batch = 5, L2 = new(0.3, 0.2, 0.1) },
        Recipe.Named("deep-tanh") with { Name = "L2, deep", Hidden = [20, 65, 33], L2 = new(0.02, 0.5, 0.1) },
        Recipe.Named("kaiming") with { Name = "L2 of the table", Hidden = [40], L2 = new(0.1, 0, 0) },
        Recipe.Named("batchnorm") with { Name = "L2 of the hidden weights", Hidden = [40, 33], L2 = new(0, 0.1, 0) },
        Recipe.Named("deep-batchnorm") with { Name = "L2 of the last weights", Hidden = [40, 33], L2 = new(0, 0, -0.1) },
    ];

    /// <summary>The recipes.</summary>
    public static IEnumerable<TestCaseData> Recipes => AsCases(Recipe.All);

    /// <summary>Networks of every kind of layer, and of ugly shapes.</summary>
    public static IEnumerable<TestCaseData> Cases => AsCases(Shapes);

    /// <summary>Recipes as cases that are told apart by their names.</summary>
    public static IEnumerable<TestCaseData> AsCases(IEnumerable<Recipe> recipes) =>
        recipes.Select(recipe => new TestCaseData(recipe).SetArgDisplayNames(recipe.Name));

    /// <summary>A network with drawn parameters.</summary>
    public static Mlp Drawn(KernelSet kernels, Recipe recipe, int vocabulary = 27)
    {
        var network = new Mlp(kernels, recipe, vocabulary);
        network.Draw(Seeds.Lecture);
        return network;
    }

    /// <summary>
    /// A network with drawn parameters and statistics, so that a normalization that ignores one of them shows: means on both sides of 0,
    /// and variances or deviations so small that an epsilon counts.
    /// </summary>
    public static Mlp WithStatistics(KernelSet kernels, Recipe recipe, int vocabulary = 27)
    {
        Mlp network = Drawn(kernels, recipe, vocabulary);
        var generator = new TorchGenerator(5);
        foreach (Tensor tensor in network.Statistics.Tensors)
        {
            bool isMean = tensor.Name.Contains("mean", StringComparison.Ordinal);
            tensor.Set(Array.ConvertAll(generator.RandN(tensor.Length), value => isMean ? value : 0.05f + (value * value)));
        }
        return network;
    }

    /// <summary>The values of all of a network's tensors by name.</summary>
    public static Dictionary<string, float[]> Values(Mlp network) =>
        network.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToArray());
}
