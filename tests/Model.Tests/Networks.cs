using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;
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
        Recipe.Named("backprop") with { Name = "L2, odd sizes", Hidden = [7], Embedding = 3, Batch = 5, L2 = L2OfAll },
        Recipe.Named("deep-tanh") with
        {
            Name = "L2, deep",
            Hidden = [20, 65, 33],
            L2 = L2(("C", 0.02), ("layers.0.weight", 0.5), ("layers.2.weight", 0.5), ("layers.6.weight", 0.1), ("layers.6.bias", 3)),
        },
        Recipe.Named("kaiming") with { Name = "L2 of the table", Hidden = [40], L2 = L2(("C", 0.1)) },
        Recipe.Named("kaiming") with { Name = "L2 of a bias", Hidden = [40], L2 = L2(("b1", 5)) },
        Recipe.Named("batchnorm") with
        {
            Name = "L2 of hidden weights and gains",
            Hidden = [40, 33],
            L2 = L2(("layers.0.weight", 0.1), ("layers.1.gamma", 2), ("layers.4.gamma", 0.3)),
        },
        Recipe.Named("deep-batchnorm") with
        {
            Name = "L2 of the last weights and of biases of normalizations",
            Hidden = [40, 33],
            L2 = L2(("layers.6.weight", -0.1), ("layers.7.beta", 4), ("layers.4.beta", 7)),
        },
        Recipe.Named("batchnorm") with { Name = "relu", Hidden = [17, 12], Activation = Activation.Relu },
        Recipe.Named("deep-tanh") with { Name = "relu without normalization", Hidden = [17, 33], Activation = Activation.Relu },
        Recipe.Named("backprop") with { Name = "sigmoid", Hidden = [33], Activation = Activation.Sigmoid },
        Recipe.Named("deep-batchnorm") with { Name = "gelu", Hidden = [17, 12], Activation = Activation.Gelu },
        Recipe.Named("deep-tanh") with { Name = "gelu without normalization", Hidden = [17, 33], Activation = Activation.Gelu },
        With("biased variance", "backprop", norm => norm with { Variance = VarianceEstimator.Biased }),
        With("epsilon on the deviation", "batchnorm", norm => norm with { Epsilon = 0.02, EpsilonOn = EpsilonTarget.Deviation }),
        With(
            "biased, epsilon on the deviation", "deep-batchnorm",
            norm => norm with { Variance = VarianceEstimator.Biased, Epsilon = 0.3, EpsilonOn = EpsilonTarget.Deviation, Momentum = 0.4 }),
        Recipe.Named("deep-batchnorm") with
        {
            Name = "biases before BatchNorm",
            Hidden = [17, 12],
            HiddenBias = new Draw(0.3),
            OutputBias = new Draw(0.2),
        },
        Recipe.Named("deep-batchnorm") with { Name = "products by copied blocks", Hidden = [260, 270], Batch = 257 },
    ];

    /// <summary>The L2 loss of every parameter of a network with one hidden layer, each with another coefficient.</summary>
    public static IReadOnlyDictionary<string, double> L2OfAll =>
        L2(("C", 0.3), ("W1", 0.2), ("b1", 0.6), ("W2", 0.1), ("b2", 0.5), ("bngain", 0.4), ("bnbias", 0.7));

    /// <summary>An L2 loss.</summary>
    /// <param name="terms">Tensors by name, each with its coefficient.</param>
    public static IReadOnlyDictionary<string, double> L2(params (string Tensor, double Coefficient)[] terms) =>
        terms.ToDictionary(term => term.Tensor, term => term.Coefficient);

    static Recipe With(string name, string recipe, Func<Normalization, Normalization> change) => Recipe.Named(recipe) with
    {
        Name = name,
        Hidden = [17, 33],
        Normalization = change(Recipe.Named(recipe).Normalization!),
    };

    /// <summary>A recipe that normalizes each example by itself.</summary>
    /// <param name="recipe">The recipe, which has a normalization.</param>
    /// <param name="kind">Layer or group.</param>
    /// <param name="groups">G.</param>
    public static Recipe Normalized(this Recipe recipe, NormalizationKind kind, int groups = 1) =>
        recipe with { Normalization = recipe.Normalization!.OfExamples(kind, groups) };

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
