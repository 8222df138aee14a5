using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
using Mlp = Makemore.Gpu.Model.Network.Mlp;
using NetworkShape = Makemore.Gpu.Model.Network.NetworkShape;

namespace Makemore.Gpu.Torch;

/// <summary>The network of a recipe as torch's tensors, drawn by torch's own generator in the recipe's order.</summary>
sealed class Network
{
    /// <summary>Draws the network.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="generator">The generator of the table and the linear layers.</param>
    /// <param name="normalizationSeed">The seed of the normalizations; null where they come from the same generator.</param>
    public Network(Recipe recipe, int vocabulary, Generator generator, ulong? normalizationSeed)
    {
        using Generator? own = normalizationSeed is { } seed ? new Generator(seed, CPU) : null;
        Recipe = recipe;
        names = [.. NetworkShape.Of(recipe, vocabulary).Parameters.Select(tensor => tensor.Name)];
        Table = Drawn(new Draw(1), 1, generator, vocabulary, recipe.Embedding);

        int[] widths = [recipe.Context * recipe.Embedding, .. recipe.Hidden, vocabulary];
        var linears = new List<(Tensor Weight, Tensor? Bias)>();
        for (int i = 0; i < widths.Length - 1; i++)
        {
            bool isOutput = i == widths.Length - 2;
            Draw weight = isOutput ? recipe.OutputWeight : recipe.HiddenWeight;
            Draw? bias = isOutput ? recipe.OutputBias : recipe.HiddenBias;
            linears.Add((
                Drawn(weight, widths[i], generator, widths[i], widths[i + 1]),
                bias is null ? null : Drawn(bias, widths[i], generator, widths[i + 1])));
        }
        Layers = [.. linears.Select((linear, i) =>
        {
            bool isOutput = i == linears.Count - 1;
            Normalization? normalization = isOutput ? OutputNormalization(recipe) : recipe.Normalization;
            return new Layer(
                linear.Weight, linear.Bias, normalization is null ? null : Drawn(normalization, widths[i + 1], own ?? generator),
                isOutput ? Activation.None : recipe.Activation);
        })];
    }

    readonly IReadOnlyList<string> names;

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The embedding table C [V, E].</summary>
    public Tensor Table { get; }

    /// <summary>The layers from the embedded context to the logits.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>What is trained, in the order of <see cref="Mlp.Parameters"/>.</summary>
    public IEnumerable<Tensor> Parameters => Layers.SelectMany(layer => layer.Parameters).Prepend(Table);

    /// <summary>The terms of the L2 loss: tensors, each with the coefficient of its mean square.</summary>
    public IEnumerable<(Tensor Tensor, double Coefficient)> Penalties => Parameters.Zip(names)
        .Where(named => Recipe.L2.ContainsKey(named.Second))
        .Select(named => (named.First, Recipe.L2[named.Second]));

    /// <summary>What evaluation normalizes by, in the order of <see cref="Mlp.Statistics"/>.</summary>
    public IEnumerable<Tensor> Statistics => Normalizations.SelectMany(norm => new[] { norm.Mean, norm.RunningVariance });

    /// <summary>The batch normalizations from first to last.</summary>
    public IEnumerable<BatchNorm> Normalizations => Layers.Select(layer => layer.Norm).OfType<BatchNorm>();

    /// <summary>The embedded contexts [N, T·E].</summary>
    /// <param name="tokens">The contexts' tokens [N·T].</param>
    public Tensor Embed(Tensor tokens) => Table.index_select(0, tokens).view(-1, Recipe.Context * Recipe.Embedding);

    /// <summary>Runs a batch forward.</summary>
    /// <param name="tokens">The contexts' tokens [N·T].</param>
    /// <param name="normalize">What a batch normalization makes of its input.</param>
    /// <returns>The outputs of all layers, in the order of <see cref="Mlp.Layers"/>.</returns>
    public IReadOnlyList<Tensor> Forward(Tensor tokens, Func<BatchNorm, Tensor, Tensor> normalize)
    {
        Tensor x = Embed(tokens);
        var outputs = new List<Tensor>(3 * Layers.Count);
        foreach (Layer layer in Layers)
        {
            outputs.Add(x = layer.Linear(x));
            if (layer.Norm is { } norm)
            {
                outputs.Add(x = norm is GroupNorm ofExamples ? ofExamples.Normalize(x) : normalize((BatchNorm)norm, x));
            }
            if (layer.Activation != Activation.None)
            {
                outputs.Add(x = Activate(layer.Activation, x));
            }
        }
        return outputs;
    }

    /// <summary>Takes over the parameters and the statistics of a network that was trained by Makemore.Gpu.</summary>
    /// <param name="network">The network, of the same recipe.</param>
    public void Load(Mlp network)
    {
        using IDisposable noGradient = no_grad();
        foreach ((Tensor to, Kernels.Tensors.Tensor from) in Parameters.Concat(Statistics).Zip(network.Tensors))
        {
            using Tensor values = tensor(from.ToArray());
            to.copy_(values.view_as(to));
        }
    }

    static Tensor Activate(Activation activation, Tensor x) => activation switch
    {
        Activation.Tanh => torch.tanh(x),
        Activation.Relu => relu(x),
        Activation.Sigmoid => torch.sigmoid(x),
        Activation.Gelu => gelu(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    static Normalization? OutputNormalization(Recipe recipe) =>
        recipe.OutputGain is { } gain ? recipe.Normalization! with { Gain = gain } : null;

    static Tensor Drawn(Draw draw, int fanIn, Generator generator, params long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = draw.IsConstant ? zeros(shape) : randn(shape, generator: generator) * draw.ScaleFor(fanIn);
        return (values + (float)draw.Offset).DetachFromDisposeScope();
    }

    static Norm Drawn(Normalization normalization, int features, Generator generator)
    {
        Tensor gain = Drawn(normalization.Gain, 1, generator, features);
        Tensor bias = Drawn(normalization.Bias, 1, generator, features);
        return normalization.Kind == NormalizationKind.Batch
            ? new BatchNorm(gain, bias, normalization)
            : new GroupNorm(gain, bias, normalization);
    }
}

/// <summary>A linear layer and what follows it.</summary>
/// <param name="Weight">W [inputs, outputs].</param>
/// <param name="Bias">b [outputs], or null.</param>
/// <param name="Norm">The normalization, or null.</param>
/// <param name="Activation">What comes last.</param>
sealed record Layer(Tensor Weight, Tensor? Bias, Norm? Norm, Activation Activation)
{
    /// <summary>What is trained.</summary>
    public IEnumerable<Tensor> Parameters => new[] { Weight, Bias, Norm?.Gain, Norm?.Bias }.OfType<Tensor>();

    /// <summary>x·W, and + b where there is a bias.</summary>
    /// <param name="x">Input [N, inputs].</param>
    public Tensor Linear(Tensor x) => Bias is null ? x.mm(Weight) : addmm(Bias, x, Weight, beta: 1, alpha: 1);
}

/// <summary>A normalization's parameters.</summary>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="Settings">The recipe's settings.</param>
abstract record Norm(Tensor Gain, Tensor Bias, Normalization Settings);

/// <summary>Layer or group normalization, in training and in evaluation.</summary>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="Settings">The recipe's settings.</param>
sealed record GroupNorm(Tensor Gain, Tensor Bias, Normalization Settings) : Norm(Gain, Bias, Settings)
{
    /// <summary>y from x.</summary>
    /// <param name="x">Input [N, H].</param>
    public Tensor Normalize(Tensor x) => Settings.Kind == NormalizationKind.Layer
        ? layer_norm(x, [x.shape[1]], Gain, Bias, Settings.Epsilon)
        : group_norm(x, Settings.Groups, Gain, Bias, Settings.Epsilon);
}

/// <summary>A batch normalization's parameters and running statistics.</summary>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="Settings">The recipe's settings.</param>
sealed record BatchNorm(Tensor Gain, Tensor Bias, Normalization Settings) : Norm(Gain, Bias, Settings)
{
    readonly Scalar momentum = (float)Settings.Momentum;
    readonly Scalar rest = (float)(1 - Settings.Momentum);

    /// <summary>The running mean [H].</summary>
    public Tensor Mean { get; } = zeros_like(Gain);

    /// <summary>The running variance, or standard deviation, as the recipe has it [H].</summary>
    public Tensor RunningVariance { get; } = ones_like(Gain);

    /// <summary>Whether there are running statistics; a recipe that calibrates its statistics after training has no need of them.</summary>
    public bool IsFollowed => Settings.Evaluation == EvaluationStatistics.Running;

    /// <summary>Updates the running statistics by a batch's.</summary>
    /// <param name="mean">The batch's means [H].</param>
    /// <param name="variance">The batch's variances [H].</param>
    public void Follow(Tensor mean, Tensor variance)
    {
        Mean.mul_(rest).add_(mean, momentum);
        RunningVariance.mul_(rest).add_(Settings.RunningStatistic == RunningStatistic.Variance ? variance : variance.sqrt(), momentum);
    }

    /// <summary>y from x by the stored statistics, as in evaluation.</summary>
    /// <param name="x">Input [N, H].</param>
    public Tensor NormalizeFixed(Tensor x)
    {
        Tensor variance = Settings.RunningStatistic == RunningStatistic.Variance ? RunningVariance : RunningVariance.square();
        return Settings.EpsilonOn == EpsilonTarget.Variance
            ? batch_norm(x, Mean, variance, Gain, Bias, training: false, eps: Settings.Epsilon)
            : batch_norm(x, Mean, (variance.sqrt() + Settings.Epsilon).square(), Gain, Bias, training: false, eps: 0);
    }

    /// <summary>Replaces the running statistics by those of a whole split, and normalizes by them.</summary>
    /// <param name="x">Input [examples of the split, H].</param>
    public Tensor Calibrate(Tensor x)
    {
        Mean.copy_(x.mean([0]));
        bool isUnbiased = Settings.Variance == VarianceEstimator.Unbiased;
        RunningVariance.copy_(Settings.RunningStatistic == RunningStatistic.Variance ? x.var(0, isUnbiased) : x.std(0, isUnbiased));
        return NormalizeFixed(x);
    }
}
