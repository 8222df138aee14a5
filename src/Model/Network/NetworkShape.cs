using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Network;

/// <summary>What a layer is, without its parameters.</summary>
/// <param name="Outputs">The width of a row that it gives.</param>
abstract record LayerShape(int Outputs);

/// <summary>y = x·W, and + b where there is a bias.</summary>
/// <param name="Inputs">The width of a row that it takes.</param>
/// <param name="Outputs">The width of a row that it gives.</param>
/// <param name="HasBias">Whether there is a bias.</param>
/// <param name="WeightL2">The coefficient of the weights' mean square, which the loss holds; 0 for none.</param>
/// <param name="BiasL2">That of the bias.</param>
sealed record LinearShape(int Inputs, int Outputs, bool HasBias, double WeightL2 = 0, double BiasL2 = 0) : LayerShape(Outputs);

/// <summary>Batch normalization of each feature.</summary>
/// <param name="Outputs">The features.</param>
/// <param name="Constants">ε, momentum, and which of its forms it has.</param>
/// <param name="GainL2">The coefficient of the gain's mean square, which the loss holds; 0 for none.</param>
/// <param name="BiasL2">That of the bias.</param>
sealed record BatchNormShape(int Outputs, BatchNormConstants Constants, double GainL2 = 0, double BiasL2 = 0) : LayerShape(Outputs);

/// <summary>Group normalization of each example; with one group layer normalization.</summary>
/// <param name="Outputs">The features.</param>
/// <param name="Groups">G, which divides the features.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="GainL2">The coefficient of the gain's mean square, which the loss holds; 0 for none.</param>
/// <param name="BiasL2">That of the bias.</param>
sealed record GroupNormShape(int Outputs, int Groups, float Epsilon, double GainL2 = 0, double BiasL2 = 0) : LayerShape(Outputs);

/// <summary>An activation, value by value.</summary>
/// <param name="Activation">Which.</param>
/// <param name="Outputs">The width of a row.</param>
sealed record ActivationShape(Activation Activation, int Outputs) : LayerShape(Outputs);

/// <summary>A tensor of a network, without its values.</summary>
/// <param name="Name">Its name, as it stands in model files.</param>
/// <param name="Sizes">Its sizes, the outermost first.</param>
sealed record TensorShape(string Name, IReadOnlyList<int> Sizes)
{
    /// <summary>How many values it has, which may be more than any array holds.</summary>
    public decimal Length => Sizes.Aggregate(1m, (product, size) => product * size);
}

/// <summary>
/// A network's layers and sizes, without its parameters. Every form is made from it, layered and fused, so that none can miss a layer.
/// </summary>
/// <param name="Vocabulary">V.</param>
/// <param name="Embedding">E.</param>
/// <param name="Context">T.</param>
/// <param name="Layers">The layers from the embedded context to the logits.</param>
/// <param name="TableL2">The coefficient of the embedding table's mean square, which the loss holds; 0 for none.</param>
sealed record NetworkShape(int Vocabulary, int Embedding, int Context, IReadOnlyList<LayerShape> Layers, double TableL2)
{
    /// <summary>The parameters, in the order in which they lie in a network: the table, then layer by layer.</summary>
    public IReadOnlyList<TensorShape> Parameters { get; init; } = [];

    /// <summary>What evaluation normalizes by, layer by layer.</summary>
    public IReadOnlyList<TensorShape> Statistics { get; init; } = [];

    /// <summary>T·E, the width of the first layer's input.</summary>
    public int EmbeddedWidth => Context * Embedding;

    /// <summary>The linear layers.</summary>
    public IEnumerable<LinearShape> Linears => Layers.OfType<LinearShape>();

    /// <summary>The network of a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">
    /// The L2 loss names a tensor that the network does not have, or features cannot be normalized in so many groups.
    /// </exception>
    public static NetworkShape Of(Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var tensors = new Tensors(recipe.L2);
        var names = new LayerNames(recipe);
        double tableL2 = tensors.Add(LayerNames.Table, vocabulary, recipe.Embedding);
        var layers = new List<LayerShape>();
        int inputs = recipe.Context * recipe.Embedding;
        foreach (int hidden in recipe.Hidden)
        {
            layers.Add(LinearOf(names, tensors, inputs, hidden, recipe.HiddenBias is not null));
            if (recipe.Normalization is { } normalization)
            {
                layers.Add(NormOf(names, tensors, hidden, normalization));
            }
            if (recipe.Activation != Activation.None)
            {
                names.NextActivation();
                layers.Add(new ActivationShape(recipe.Activation, hidden));
            }
            inputs = hidden;
        }
        layers.Add(LinearOf(names, tensors, inputs, vocabulary, recipe.OutputBias is not null));
        if (recipe.OutputGain is not null)
        {
            layers.Add(NormOf(names, tensors, vocabulary, recipe.Normalization!));
        }
        tensors.CheckL2();
        return new NetworkShape(vocabulary, recipe.Embedding, recipe.Context, layers, tableL2)
        {
            Parameters = tensors.Parameters,
            Statistics = tensors.Statistics,
        };
    }

    static LinearShape LinearOf(LayerNames names, Tensors tensors, int inputs, int outputs, bool hasBias)
    {
        (string weight, string bias) = names.NextLinear();
        return new LinearShape(inputs, outputs, hasBias, tensors.Add(weight, inputs, outputs), hasBias ? tensors.Add(bias, outputs) : 0);
    }

    static LayerShape NormOf(LayerNames names, Tensors tensors, int features, Normalization normalization)
    {
        (string gain, string bias, string mean, string variance) = names.NextNormalization();
        (double gainL2, double biasL2) = (tensors.Add(gain, features), tensors.Add(bias, features));
        if (normalization.Kind == NormalizationKind.Batch)
        {
            tensors.AddStatistic(mean, features);
            tensors.AddStatistic(variance, features);
            return new BatchNormShape(features, normalization.Constants, gainL2, biasL2);
        }
        CheckGroups(normalization, features);
        return new GroupNormShape(features, normalization.Groups, (float)normalization.Epsilon, gainL2, biasL2);
    }

    static void CheckGroups(Normalization normalization, int features)
    {
        int groups = normalization.Groups;
        if (groups < 1 || features % groups != 0)
        {
            throw new InvalidRequestException(
                $"{SettingName.Normalization} group:{groups} does not divide the {features} features of a layer: use a divisor of "
                    + $"each {SettingName.Hidden}, and "
                + "of the vocabulary where the logits are normalized");
        }
        if (groups == features && (float)normalization.Epsilon == 0)
        {
            throw new InvalidRequestException(
                $"{SettingName.Normalization} leaves one feature to a group, whose variance is 0: give it an "
                    + $"{SettingName.BatchNormEpsilon} above 0");
        }
    }

    /// <summary>The tensors so far, and the coefficients of the L2 loss that a recipe gives by their names.</summary>
    sealed class Tensors(IReadOnlyDictionary<string, double> coefficients)
    {
        readonly List<TensorShape> parameters = [];
        readonly List<TensorShape> statistics = [];

        public IReadOnlyList<TensorShape> Parameters => parameters;

        public IReadOnlyList<TensorShape> Statistics => statistics;

        // Gives the tensor's coefficient.
        public double Add(string parameter, params int[] sizes)
        {
            parameters.Add(new TensorShape(parameter, sizes));
            return coefficients.GetValueOrDefault(parameter);
        }

        public void AddStatistic(string statistic, int features) => statistics.Add(new TensorShape(statistic, [features]));

        public void CheckL2()
        {
            string[] names = [.. parameters.Select(tensor => tensor.Name)];
            if (coefficients.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown)
            {
                throw new InvalidRequestException($"{SettingName.L2} names {unknown}: the parameters of this network are "
                    + $"{string.Join(", ", names)}");
            }
        }
    }
}
